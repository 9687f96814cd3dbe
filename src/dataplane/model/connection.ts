/**
 * Connections: an entry for each client address and port, and virtual address and port. An entry is dead from its
 * deadline on for whoever looks it up; a sweep takes it out. As bpf/lib/connection.h.
 */

import { bindConnection, rebindConnection, unbindConnection } from './binding.ts';
import { countConnection } from './counters.ts';
import {
  type Connection,
  type Destination,
  deadlineOf,
  type Memory,
  type Method,
  type Template,
} from './memory.ts';
import { type Packet, tupleKey } from './packet/packet.ts';
import { forgetReply, rememberReply } from './reply-table.ts';
import { type Event, firstState, isActive, isHalfOpen, nextState, timeoutOf } from './state/state.ts';
import { assureTemplate, releaseTemplate, retainTemplate } from './template.ts';

/** The live entry of a packet. */
export function findConnection(memory: Memory, key: string, now: number): Connection | undefined {
  const connection = memory.connections.get(key);
  if (!connection || now <= deadlineOf(connection)) return connection;
  endConnection(memory, connection);
  return undefined;
}

export type Binding = {
  readonly destination: Destination;
  readonly method: Method;
  readonly serverPort: number;
  readonly template?: Template | undefined;
};

/** A new entry; IPVS makes it in no state, and the packet that made it then moves it on. */
export function createConnection(memory: Memory, packet: Packet, binding: Binding, now: number): Connection {
  const { protocol, family, client, clientPort, virtual, virtualPort } = packet;
  const tuple = { protocol, family, client, clientPort, virtual, virtualPort };
  const connection: Connection = {
    tuple,
    key: tupleKey(tuple),
    ...binding,
    template: binding.template,
    state: firstState(protocol),
    lastSeen: now,
    timeoutMs: freshTimeoutMs,
    twoWay: binding.method === 'masq',
    packets: 0,
    ended: false,
  };
  memory.connections.set(connection.key, connection);
  bindConnection(connection.destination, false);
  if (connection.template) retainTemplate(connection.template);
  if (hasReplies(connection)) rememberReply(memory, connection);
  countConnection(connection.destination);
  return connection;
}

/** How long an entry lives that nothing has moved on yet. */
const freshTimeoutMs = 3000;

/** Ends an entry now. */
export function endConnection(memory: Memory, connection: Connection): void {
  if (connection.ended) return;
  takeOut(memory, connection);
  unbind(connection);
}

/** Takes an entry out of the table; it still counts where it is bound. */
export function takeOut(memory: Memory, connection: Connection): void {
  connection.ended = true;
  memory.connections.delete(connection.key);
  countHalfOpen(memory, isHalfOpen(connection.tuple.protocol, connection.state), false);
  if (hasReplies(connection)) forgetReply(memory, connection);
}

/** The second half of its end. */
export function unbind({ tuple, state, destination, template }: Connection): void {
  unbindConnection(destination, isActive(tuple.protocol, state));
  if (template) releaseTemplate(template);
}

/** Whether the real server's packets pass here. */
function hasReplies({ method }: Connection): boolean {
  return method === 'masq' || method === 'local';
}

/** What a packet of the client does to its entry: state, counts, timeout. */
export function advanceConnection(memory: Memory, connection: Connection, event: Event, now: number): void {
  move(memory, connection, event, connection.twoWay ? 'input' : 'input-only', now);
}

/** What a packet of the real server does to it; from the first one on, both halves are known. */
export function advanceReply(memory: Memory, connection: Connection, event: Event, now: number): void {
  connection.twoWay = true;
  move(memory, connection, event, 'output', now);
  // A datagram back is as good as an established connection.
  if (connection.tuple.protocol === 'udp') assure(connection);
}

/** A packet that says nothing of the state keeps the entry alive all the same. */
export function touchConnection(memory: Memory, connection: Connection, now: number): void {
  connection.lastSeen = now;
  connection.timeoutMs = timeoutOf(memory, connection.tuple.protocol, connection.state);
}

function move(
  memory: Memory,
  connection: Connection,
  event: Event,
  direction: 'input' | 'output' | 'input-only',
  now: number,
): void {
  const { protocol } = connection.tuple;
  const before = connection.state;
  connection.state = nextState(memory, protocol, before, event, direction);
  rebindConnection(connection.destination, isActive(protocol, before), isActive(protocol, connection.state));
  countHalfOpen(memory, isHalfOpen(protocol, before), isHalfOpen(protocol, connection.state));
  if (connection.state !== before && connection.state === 'ESTABLISHED') assure(connection);
  touchConnection(memory, connection, now);
}

function assure({ template }: Connection): void {
  if (template) assureTemplate(template);
}

function countHalfOpen({ pressure }: Memory, before: boolean, after: boolean): void {
  pressure.halfOpen += Number(after) - Number(before);
}
