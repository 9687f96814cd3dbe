/** TCP as IPVS follows it (ip_vs_proto_tcp.c): events, and what they make of a state. As bpf/lib/state/tcp.h. */

import type { TcpState } from '../../../ipvs/connection.ts';
import { stateTable } from './table.ts';

export const tcpFlags = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** A segment is the first of these that it is, RST before all others. */
export type TcpEvent = 'syn' | 'fin' | 'ack' | 'rst' | 'none';

export function tcpEventOf(flags: number): TcpEvent {
  if (flags & tcpFlags.rst) return 'rst';
  if (flags & tcpFlags.syn) return 'syn';
  if (flags & tcpFlags.fin) return 'fin';
  if (flags & tcpFlags.ack) return 'ack';
  return 'none';
}

const states = {
  NO: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYNACK',
} as const satisfies Readonly<Record<string, TcpState>>;

const table = (text: string) => stateTable<TcpEvent, TcpState>(states, text);

/** Of the client's segments, of the real server's, and of the client's where the real server's are not seen. */
type Tables = Readonly<Record<Direction, ReturnType<typeof table>>>;
export type Direction = 'input' | 'output' | 'input-only';

const ordinary: Tables = {
  input: table(`
          NO ES SS SR FW TW CL CW LA LI SA
    syn   SR ES ES SR SR SR SR SR SR SR SR
    fin   CL CW SS TW TW TW CL CW LA LI TW
    ack   ES ES SS ES FW TW CL CW CL LI ES
    rst   CL CL CL SR CL CL CL CL LA LI SR
    none  CL CL CL CL CL CL CL CL CL CL CL
  `),
  output: table(`
          NO ES SS SR FW TW CL CW LA LI SA
    syn   SS ES SS SR SS SS SS SS SS LI SR
    fin   TW FW SS TW FW TW CL TW LA LI TW
    ack   ES ES SS ES FW TW CL CW LA ES ES
    rst   CL CL SS CL CL TW CL CL CL CL CL
    none  CL CL CL CL CL CL CL CL CL CL CL
  `),
  'input-only': table(`
          NO ES SS SR FW TW CL CW LA LI SA
    syn   SR ES ES SR SR SR SR SR SR SR SR
    fin   CL FW SS TW FW TW CL CW LA LI TW
    ack   ES ES SS ES FW TW CL CW CL LI ES
    rst   CL CL CL SR CL CL CL CL LA LI CL
    none  CL CL CL CL CL CL CL CL CL CL CL
  `),
};

/** While secure_tcp is at work, a half-open connection is not taken for more than it is. */
const mistrustful: Tables = {
  input: table(`
          NO ES SS SR FW TW CL CW LA LI SA
    syn   SR ES ES SR SR SR SR SR SR SR SA
    fin   CL CW SS TW TW TW CL CW LA LI SA
    ack   ES ES SS SR FW TW CL CW CL LI SA
    rst   CL CL CL SR CL CL CL CL LA LI CL
    none  CL CL CL CL CL CL CL CL CL CL CL
  `),
  output: table(`
          NO ES SS SR FW TW CL CW LA LI SA
    syn   SS ES SS SA SS SS SS SS SS LI SA
    fin   TW FW SS TW FW TW CL TW LA LI TW
    ack   ES ES SS ES FW TW CL CW LA ES ES
    rst   CL CL SS CL CL TW CL CL CL CL CL
    none  CL CL CL CL CL CL CL CL CL CL CL
  `),
  'input-only': table(`
          NO ES SS SR FW TW CL CW LA LI SA
    syn   SA ES ES SR SA SA SA SA SA SA SA
    fin   CL FW SS TW FW TW CL CW LA LI TW
    ack   ES ES SS ES FW TW CL CW CL LI ES
    rst   CL CL CL SR CL CL CL CL LA LI CL
    none  CL CL CL CL CL CL CL CL CL CL CL
  `),
};

export function nextTcpState(
  state: TcpState,
  event: TcpEvent,
  direction: Direction,
  secureTcp: boolean,
): TcpState {
  return (secureTcp ? mistrustful : ordinary)[direction][event][state];
}

const active: ReadonlySet<TcpState> = new Set(['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'SYNACK']);

/** Whether IPVS counts a connection in this state as active. */
export function isTcpActive(state: TcpState): boolean {
  return active.has(state);
}

const halfOpen: ReadonlySet<TcpState> = new Set(['SYN_SENT', 'SYN_RECV', 'SYNACK']);

export function isTcpHalfOpen(state: TcpState): boolean {
  return halfOpen.has(state);
}
