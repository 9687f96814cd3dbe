/** The life of a packet that comes in by an interface, through XDP and TC. As bpf/director.bpf.c. */

import { serviceFamily } from '../../ipvs/service.ts';
import { findConnection } from './connection.ts';
import { countOut } from './counters.ts';
import { direct } from './direct.ts';
import { forward, type Refusal } from './forward/forward.ts';
import type { Plan, Target, Via } from './forward/plan.ts';
import { forgetFragment, portsOfFragment, rememberFragment } from './fragments.ts';
import { answerFor } from './icmp-answer.ts';
import { type Hook, type Memory, nowOf, type Route } from './memory.ts';
import { mayBeReply, routeToDestination } from './next-hop.ts';
import type { Outcome } from './outcome.ts';
import { ethernetLength, type Packet, parsePacket, tupleKey } from './packet/packet.ts';
import { countNotForwarded, goesToTheStack, type Reason } from './reason.ts';
import { reply } from './reply.ts';
import { refuseStray } from './stray.ts';
import { tunnelError } from './tunnel-error.ts';
import { isForThisHost, xdpForward, xdpRoute } from './xdp.ts';

/** What XDP does not finish goes on to TC, which decides by itself. */
export function receive(memory: Memory, hook: Hook, ingress: number, frame: Uint8Array): Outcome {
  const toTheStack: Outcome = { fate: 'stack', frame };
  if (memory.services.size === 0 || !isForThisHost(memory, frame, ingress)) return toTheStack;
  const parsed = parsePacket(frame, ingress);
  const now = nowOf(memory);
  if (parsed === 'not-ours') return tunnelError(memory, frame, ingress, now) ?? toTheStack;
  if (parsed === 'malformed') {
    countNotForwarded(memory, 'malformed');
    return toTheStack;
  }
  if (!hasServices(memory, parsed)) return toTheStack;
  if (parsed.kind === 'first-fragment') forgetFragment(memory, parsed);
  const packet = completed(memory, parsed, now);
  if (!packet) return isForVip(memory, parsed) ? refuse(memory, parsed, 'fragment') : toTheStack;
  return (hook === 'xdp' && inXdp(memory, packet, now)) || inTc(memory, packet, now);
}

/** Without a service of its family, nothing is done about a packet, be it of an old connection. */
function hasServices({ services }: Memory, { family }: Packet): boolean {
  for (const { config } of services.values()) if (serviceFamily(config) === family) return true;
  return false;
}

/** Whether anybody goes by the address that the packet is for. */
function isForVip({ services }: Memory, { virtual }: Packet): boolean {
  for (const { config } of services.values())
    if (config.kind === 'address' && config.address === virtual) return true;
  return false;
}

/** With the first fragment's ports, where it has none of its own. */
function completed(memory: Memory, packet: Packet, now: number): Packet | undefined {
  if (packet.kind !== 'later-fragment') return packet;
  const ports = portsOfFragment(memory, packet, now);
  return ports && { ...packet, ...ports };
}

/** What is anything else than a whole packet to a virtual address is TC's. */
function inXdp(memory: Memory, packet: Packet, now: number): Outcome | undefined {
  if (packet.kind !== 'whole') return undefined;
  const known = findConnection(memory, tupleKey(packet), now);
  if (!known && mayBeReply(memory)) return undefined;
  const wayOut = (target: Target): Via | undefined => xdpRoute(memory, packet, target, now);
  const plan = direct(memory, packet, known, now, { hook: 'xdp', wayOut });
  return typeof plan !== 'string' && plan.route.kind === 'via'
    ? xdpForward(memory, packet, plan.route)
    : undefined;
}

function inTc(memory: Memory, packet: Packet, now: number): Outcome {
  const replied = isRequest(memory, packet) ? undefined : reply(memory, packet, now);
  if (replied) return replied;
  const known = findConnection(memory, tupleKey(packet), now);
  const refused = known ? undefined : refuseStray(memory, packet, now);
  if (refused) return refused;
  if (!known && !mayOpen(memory, packet)) return leaveAlone(memory, packet, now);
  const wayOut = ({ destination }: Target): Route => routeToDestination(memory, destination, now);
  const plan = direct(memory, packet, known, now, { hook: 'tc', wayOut });
  if (plan === 'not-ours' || plan === 'later') return leaveAlone(memory, packet, now);
  if (typeof plan === 'string') return refuse(memory, packet, plan);
  if (packet.kind === 'first-fragment' && plan.route.kind !== 'unreachable')
    rememberFragment(memory, packet, now);
  const outcome = forward(memory, packet, plan, now);
  return 'reason' in outcome ? refuseFor(memory, outcome, plan) : outcome;
}

/** Unless it is about a tunnel packet of ours. */
function leaveAlone(memory: Memory, { frame, ingress }: Packet, now: number): Outcome {
  return tunnelError(memory, frame, ingress, now) ?? { fate: 'stack', frame };
}

/** Of a connection in the table, be it only to be ended. */
function isRequest({ connections }: Memory, packet: Packet): boolean {
  return connections.has(tupleKey(packet));
}

/** IPVS sees our own ICMP error, and takes it for a reply of the connection's, unless that would be translated. */
function refuseFor(memory: Memory, { packet, reason, mtu }: Refusal, plan: Plan): Outcome {
  const outcome = refuse(memory, packet, reason, mtu);
  if (outcome.fate === 'redirected' && plan.hasEntry && plan.method !== 'masq')
    countOut(plan.destination, outcome.frame.length - ethernetLength);
  return outcome;
}

/** An ICMP error about nothing that is known opens a connection only where the sysctl says so. */
function mayOpen({ sysctls }: Memory, { kind }: Packet): boolean {
  return kind !== 'icmp-error' || sysctls.schedule_icmp !== 0;
}

function refuse(memory: Memory, packet: Packet, reason: Reason, mtu = 0): Outcome {
  countNotForwarded(memory, reason, packet);
  return goesToTheStack(reason)
    ? { fate: 'stack', frame: packet.frame }
    : answerFor(memory, packet, reason, mtu);
}
