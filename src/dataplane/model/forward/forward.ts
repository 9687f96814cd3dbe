/**
 * From a decision to the wire (ip_vs_xmit.c): a packet lives one hop less, must fit the MTU of its route or be cut,
 * and leaves by its connection's method. As bpf/lib/forward.h.
 */

import { familyOf } from '../../../ipvs/address.ts';
import type { Memory } from '../memory.ts';
import type { Outcome } from '../outcome.ts';
import { copyOf } from '../packet/octets.ts';
import type { Packet } from '../packet/packet.ts';
import { measurePathMtu } from '../path-mtu.ts';
import type { Reason } from '../reason.ts';
import { aged, withoutPadding } from './age.ts';
import { translate } from './masq.ts';
import type { Plan, Via } from './plan.ts';
import { send, sendInFragments } from './send.ts';
import { encapsulate, tunnelOverhead } from './tunnel.ts';

/** Not forwarded; `packet` is as old as it was when that was found, `mtu` what the client is to hear. */
export type Refusal = { readonly reason: Reason; readonly packet: Packet; readonly mtu: number };

export function forward(memory: Memory, packet: Packet, plan: Plan, now: number): Outcome | Refusal {
  const { route } = plan;
  if (route.kind === 'unreachable') return refused('no_route', packet);
  if (route.kind === 'local') return deliver(packet, plan);
  if (packet.headers.ttl <= 1) return refused('ttl_expired', packet);
  const older = { ...packet, frame: withoutPadding(aged(packet), packet) };
  return plan.method === 'ipip'
    ? throughTunnel(memory, older, plan, route, now)
    : plainly(memory, older, plan, route);
}

function refused(reason: Reason, packet: Packet, mtu = 0): Refusal {
  return { reason, packet, mtu };
}

/** The real server is this host: the packet goes on up the stack, not one hop older. */
function deliver(packet: Packet, plan: Plan): Outcome | Refusal {
  const frame = copyOf(packet.frame);
  if (plan.method === 'masq' && !translateToServer(frame, packet, plan))
    return refused('cannot_translate', packet);
  return { fate: 'stack', frame };
}

function translateToServer(frame: Uint8Array, packet: Packet, { destination, serverPort }: Plan): boolean {
  return translate(frame, packet, {
    end: 'target',
    from: packet.virtual,
    to: destination.address,
    fromPort: packet.virtualPort,
    toPort: serverPort,
  });
}

/** As it is, or with the real server's address and port in it. */
function plainly(memory: Memory, packet: Packet, plan: Plan, route: Via): Outcome | Refusal {
  const fit = fitInto(packet, route.mtu, true);
  if (fit === 'too-big') return refused('too_big', packet, route.mtu);
  if (plan.method === 'masq' && !translateToServer(packet.frame, packet, plan))
    return refused('cannot_translate', packet);
  return leave(memory, packet, packet.frame, route, fit);
}

/** The least that a tunnel may leave of the MTU: RFC 791's, or RFC 8200's of its outer family. */
const leastTunnelMtu = { 4: 68, 6: 1280 } as const;

function throughTunnel(
  memory: Memory,
  packet: Packet,
  plan: Plan,
  route: Via,
  now: number,
): Outcome | Refusal {
  const { address, config } = plan.destination;
  const tunnel = config.tunnel ?? ipInIp;
  const outer = familyOf(address);
  const whole = measurePathMtu(plan.destination, route.mtu, now);
  const mtu = whole - tunnelOverhead(tunnel, outer);
  const pmtuDiscovery = memory.sysctls.pmtu_disc !== 0;
  if (mtu < leastTunnelMtu[outer]) return refused('cannot_encapsulate', packet);
  const fit = fitInto(packet, mtu, pmtuDiscovery);
  if (fit === 'too-big') return refused('too_big', packet, mtu);
  const envelope = {
    tunnel,
    source: route.source,
    target: address,
    dontFragment: packet.family === 4 && packet.headers.dontFragment && pmtuDiscovery,
  };
  return leave(memory, packet, encapsulate(packet.frame, packet, envelope), { ...route, mtu: whole }, fit);
}

const ipInIp = { type: 'ipip', port: 0, checksum: 'nocsum' } as const;

type Fit = 'fits' | 'must-be-cut' | 'too-big';

function fitInto({ family, headers }: Packet, mtu: number, heedsDontFragment: boolean): Fit {
  if (headers.bytes <= mtu) return 'fits';
  const mayBeCut = family === 4 && !(headers.dontFragment && heedsDontFragment);
  return mayBeCut ? 'must-be-cut' : 'too-big';
}

function leave(memory: Memory, packet: Packet, frame: Uint8Array, route: Via, fit: Fit): Outcome | Refusal {
  const outcome = fit === 'fits' ? send(frame, route) : sendInFragments(memory.world, frame, route);
  return typeof outcome === 'string' ? refused(outcome, packet) : outcome;
}
