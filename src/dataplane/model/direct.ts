/**
 * The core, one for both hooks (ip_vs_in()): from a parsed packet to the real server it goes to. Nothing of the packet
 * itself is changed here. As bpf/lib/direct.h.
 */

import { advanceConnection, takeOut, touchConnection, unbind } from './connection.ts';
import { countIn, countOut } from './counters.ts';
import type { Plan, Target } from './forward/plan.ts';
import { errorBytes } from './icmp-answer.ts';
import type { Connection, Hook, Memory, Route } from './memory.ts';
import { openConnection } from './open.ts';
import type { Packet } from './packet/packet.ts';
import { countNotForwarded, type Reason } from './reason.ts';

export type Side = {
  readonly hook: Hook;
  /** To be asked before a packet is counted: XDP leaves to TC what it cannot finish, for which it has no way out. */
  readonly wayOut: (target: Target) => Route | undefined;
};

/** `known` is the packet's entry. `later`: this hook cannot finish it, and has counted nothing. */
export function direct(
  memory: Memory,
  packet: Packet,
  known: Connection | undefined,
  now: number,
  side: Side,
): Plan | Reason | 'not-ours' | 'later' {
  const answer = known ? directKnown(memory, packet, known, now, side) : 'makes-way';
  if (answer !== 'makes-way') return answer;
  if (known) takeOut(memory, known);
  const fresh = packet.kind === 'later-fragment' ? 'fragment' : directNew(memory, packet, now, side);
  if (known && fresh === 'no_server') countRefusal(packet, known);
  // While a server is chosen for the new connection, the old one still counts.
  if (known) unbind(known);
  return fresh;
}

/**
 * Of an entry that made way, and nobody takes the new connection. For IPVS the entry lives until the clock's next tick,
 * so that the ICMP error counts as its reply.
 */
function countRefusal(packet: Packet, { destination, method }: Connection): void {
  if (method !== 'masq') countOut(destination, errorBytes(packet));
}

/** Of a connection with an entry; `makes-way`: the entry is to end for the sake of the packet. */
function directKnown(
  memory: Memory,
  packet: Packet,
  connection: Connection,
  now: number,
  side: Side,
): Plan | Reason | 'makes-way' | 'later' {
  // An ICMP error is sent on even to a real server that was deleted.
  if (packet.kind !== 'icmp-error') {
    if (makesWay(memory, packet, connection)) return 'makes-way';
    if (!connection.destination.available) return 'server_removed';
  }
  const route = side.wayOut(connection);
  if (!route) return 'later';
  countIn(connection.destination, packet.headers.bytes);
  account(memory, packet, connection, now);
  return { ...targetOf(connection), route, hasEntry: true };
}

function directNew(
  memory: Memory,
  packet: Packet,
  now: number,
  side: Side,
): Plan | Reason | 'not-ours' | 'later' {
  const decision = openConnection(memory, packet, now, side.hook);
  if (typeof decision === 'string') return decision;
  const route = side.wayOut(decision);
  if (!route) return 'later';
  countIn(decision.destination, packet.headers.bytes);
  if (decision.connection) account(memory, packet, decision.connection, now);
  if (decision.shortage && route.kind !== 'unreachable') countNotForwarded(memory, decision.shortage, packet);
  return { ...targetOf(decision), route, hasEntry: decision.connection !== undefined };
}

function targetOf({ destination, method, serverPort }: Target): Target {
  return { destination, method, serverPort };
}

/** Whether the entry is to end for the sake of the packet. */
function makesWay(memory: Memory, { syn }: Packet, connection: Connection): boolean {
  const { available, config } = connection.destination;
  const expiresWithout = memory.sysctls.expire_nodest_conn !== 0;
  if (syn && ((expiresWithout && config.weight === 0) || isReused(memory, connection))) return true;
  return !available && expiresWithout;
}

/** Whether a SYN or an INIT on the entry is a new connection (is_new_conn_expected()). */
function isReused({ sysctls }: Memory, { state, template, twoWay }: Connection): boolean {
  const mode = sysctls.conn_reuse_mode;
  if (mode === 0 || template) return false;
  if (state === 'FIN_WAIT') return (mode & 2) !== 0 && !twoWay;
  return state === 'TIME_WAIT' || state === 'CLOSE' || state === 'CLOSED';
}

/** What the packet does to its entry: an ICMP error nothing, a later fragment keeps it alive. */
function account(memory: Memory, packet: Packet, connection: Connection, now: number): void {
  if (packet.kind === 'icmp-error') return;
  connection.packets++;
  if (packet.kind === 'later-fragment') touchConnection(memory, connection, now);
  else advanceConnection(memory, connection, packet.event, now);
}
