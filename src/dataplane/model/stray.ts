/**
 * What a masqueraded real server sends from a port that it serves, and belongs to no connection: with nat_icmp_send it
 * is refused, so that the real server ends what the director has forgotten (ip_vs_out()). RST and ABORT, which do end
 * it, go on. As bpf/lib/stray.h.
 */

import { aged } from './forward/age.ts';
import { rememberFragment } from './fragments.ts';
import { answer, icmpErrors } from './icmp-answer.ts';
import type { Destination, Memory } from './memory.ts';
import { routeTo } from './next-hop.ts';
import type { Outcome } from './outcome.ts';
import { type Packet, sctpCommonLength } from './packet/packet.ts';
import { countNotForwarded } from './reason.ts';
import { sctpFirstEventAt } from './state/sctp.ts';

/**
 * At the interface it came in by. To another host, the real server hears from the director's own address about a packet
 * one hop older; to this one, from the address it wrote to. `undefined`: it is none, or the stack refuses it as a router.
 */
export function refuseStray(memory: Memory, packet: Packet, now: number): Outcome | undefined {
  if (!isStray(memory, packet)) return undefined;
  const error = icmpErrors[packet.family]['port-unreachable'];
  const route = routeTo(memory, packet.virtual);
  const { ttl, bytes, dontFragment } = packet.headers;
  switch (route.kind) {
    case 'unreachable':
      return undefined;
    case 'local':
      countStray(memory, packet, now);
      return answer(memory, packet, error, 0);
    case 'via':
      if (ttl <= 1 || (bytes > route.mtu && dontFragment)) return undefined;
      countStray(memory, packet, now);
      return answer(memory, { ...packet, frame: aged(packet) }, error, 0, 'route');
  }
}

/** Whether a packet without a connection is one. */
export function isStray(memory: Memory, packet: Packet): boolean {
  if (memory.sysctls.nat_icmp_send === 0 || packet.kind === 'icmp-error') return false;
  return isOfMasqueradedServer(memory, packet) && !endsItsConnection(packet);
}

/** Its later fragments share its lot. */
export function countStray(memory: Memory, packet: Packet, now: number): void {
  if (packet.kind === 'first-fragment') rememberFragment(memory, packet, now);
  countNotForwarded(memory, 'stray_reply', packet);
}

function isOfMasqueradedServer({ services }: Memory, packet: Packet): boolean {
  const isSender = ({ address, port, config }: Destination): boolean =>
    config.method === 'masq' && address === packet.client && port === packet.clientPort;
  for (const { config, destinations } of services.values()) {
    if (config.kind === 'address' && config.protocol !== packet.protocol) continue;
    if (destinations.some(isSender)) return true;
  }
  return false;
}

/** Of SCTP's chunks IPVS looks at the first one here. */
function endsItsConnection({ kind, protocol, event, frame, headers }: Packet): boolean {
  if (kind === 'later-fragment') return false;
  if (protocol === 'sctp') return sctpFirstEventAt(frame, headers.transport + sctpCommonLength) === 'abort';
  return protocol === 'tcp' && event === 'rst';
}
