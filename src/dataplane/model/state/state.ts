/** The state of a connection of any protocol: how it goes on, how long it lasts, what it counts as. As bpf/lib/state.h. */

import type { ConnectionState, SctpState, TcpState } from '../../../ipvs/connection.ts';
import type { Protocol } from '../../../ipvs/service.ts';
import { sctpTimeouts, tcpTimeouts } from '../../../ipvs/state-timeouts.ts';
import type { Memory } from '../memory.ts';
import { isSctpHalfOpen, nextSctpState, type SctpEvent } from './sctp.ts';
import { type Direction, isTcpActive, isTcpHalfOpen, nextTcpState, type TcpEvent } from './tcp.ts';

export type Event = TcpEvent | SctpEvent;

/** What an entry begins with, before its first packet moves it on. */
export function firstState(protocol: Protocol): ConnectionState {
  return protocol === 'udp' ? 'UDP' : 'NONE';
}

export function nextState(
  memory: Memory,
  protocol: Protocol,
  state: ConnectionState,
  event: Event,
  direction: Direction,
): ConnectionState {
  switch (protocol) {
    case 'tcp':
      return nextTcpState(state as TcpState, event as TcpEvent, direction, memory.defence.secureTcp);
    case 'sctp':
      return nextSctpState(state as SctpState, event as SctpEvent, direction);
    case 'udp':
      return state;
  }
}

/** Milliseconds. */
export function timeoutOf({ timeouts }: Memory, protocol: Protocol, state: ConnectionState): number {
  const seconds = (): number => {
    if (protocol === 'udp') return timeouts.udp;
    if (protocol === 'sctp') return sctpTimeouts[state as SctpState];
    if (state === 'ESTABLISHED') return timeouts.tcp;
    if (state === 'FIN_WAIT') return timeouts.tcpFin;
    return tcpTimeouts[state as TcpState];
  };
  return seconds() * 1000;
}

/** Whether it counts in ActiveConn: the others, and all of UDP, count in InActConn. */
export function isActive(protocol: Protocol, state: ConnectionState): boolean {
  switch (protocol) {
    case 'tcp':
      return isTcpActive(state as TcpState);
    case 'sctp':
      return state === 'ESTABLISHED';
    case 'udp':
      return false;
  }
}

/** Begun and not yet confirmed: such entries may take only a part of the table. */
export function isHalfOpen(protocol: Protocol, state: ConnectionState): boolean {
  switch (protocol) {
    case 'tcp':
      return isTcpHalfOpen(state as TcpState);
    case 'sctp':
      return isSctpHalfOpen(state as SctpState);
    case 'udp':
      return false;
  }
}
