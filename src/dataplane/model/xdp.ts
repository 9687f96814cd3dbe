/**
 * What XDP finishes by itself: packets that go on as they are, to a neighbour whose MAC is known. As bpf/lib/forward.h.
 */

import { aged } from './forward/age.ts';
import type { Target, Via } from './forward/plan.ts';
import { withMacs } from './forward/send.ts';
import type { Memory } from './memory.ts';
import { neighbourOf } from './next-hop.ts';
import type { Outcome } from './outcome.ts';
import type { Packet } from './packet/packet.ts';

/** TC looks at what the packet is to the host; here the frame's target is compared with the interface's MAC. */
export function isForThisHost({ world }: Memory, frame: Uint8Array, ingress: number): boolean {
  const own = world.interfaces.get(ingress)?.mac;
  return own?.every((octet, index) => octet === frame[index]) ?? false;
}

/** The way out, if XDP may take it. */
export function xdpRoute(
  memory: Memory,
  packet: Packet,
  { destination, method }: Target,
  now: number,
): Via | undefined {
  const route = neighbourOf(memory, destination, now);
  const { ttl, bytes } = packet.headers;
  if (!route || method !== 'gate' || ttl <= 1 || bytes > route.mtu) return undefined;
  return maySend(memory, packet.ingress, route.interface) ? route : undefined;
}

/** Out of the interface it came in by, or of one that also runs XDP natively. */
function maySend({ world }: Memory, ingress: number, out: number): boolean {
  const known = world.interfaces.get(out);
  return known !== undefined && (ingress === out || known.xdp);
}

/** Out again with new MACs: the frame is the client's, only one hop older. */
export function xdpForward(memory: Memory, packet: Packet, route: Via): Outcome {
  const frame = withMacs(memory.world, aged(packet), route);
  return { fate: 'forwarded', frame, interface: route.interface };
}
