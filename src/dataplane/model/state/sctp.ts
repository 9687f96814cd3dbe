/** SCTP as IPVS follows it (ip_vs_proto_sctp.c): events, and what they make of a state. As bpf/lib/state/sctp.h. */

import type { SctpState } from '../../../ipvs/connection.ts';
import { read16 } from '../packet/octets.ts';
import { stateTable } from './table.ts';
import type { Direction } from './tcp.ts';

export type SctpEvent =
  | 'data'
  | 'init'
  | 'init-ack'
  | 'cookie-echo'
  | 'cookie-ack'
  | 'shutdown'
  | 'shutdown-ack'
  | 'shutdown-complete'
  | 'error'
  | 'abort';

/** By chunk type (RFC 9260 §3.2); all others are as good as data. */
const events: Readonly<Record<number, SctpEvent>> = {
  1: 'init',
  2: 'init-ack',
  6: 'abort',
  7: 'shutdown',
  8: 'shutdown-ack',
  9: 'error',
  10: 'cookie-echo',
  11: 'cookie-ack',
  14: 'shutdown-complete',
};

const chunkHeader = 4;

/** The first chunk decides; only behind a cookie's the next one is looked at, for an ABORT. */
export function sctpEventAt(frame: Uint8Array, at: number): SctpEvent {
  const event = sctpFirstEventAt(frame, at);
  if (event !== 'cookie-echo' && event !== 'cookie-ack') return event;
  const length = read16(frame, at + 2);
  const next = frame[at + Math.ceil(length / 4) * 4];
  return length >= chunkHeader && next !== undefined && events[next] === 'abort' ? 'abort' : event;
}

export function sctpFirstEventAt(frame: Uint8Array, at: number): SctpEvent {
  return events[frame[at] ?? 0] ?? 'data';
}

const states = {
  NO: 'NONE',
  I1: 'INIT1',
  IN: 'INIT',
  CS: 'C-SENT',
  CR: 'C-REPLIED',
  CW: 'C-WAIT',
  CO: 'COOKIE',
  CE: 'C-ECHOED',
  ES: 'ESTABLISHED',
  SS: 'S-SENT',
  SR: 'S-RECEIVED',
  SA: 'S-ACK-SENT',
  RJ: 'REJECTED',
  CL: 'CLOSED',
} as const satisfies Readonly<Record<string, SctpState>>;

const table = (text: string) => stateTable<SctpEvent, SctpState>(states, text);

const tables: Readonly<Record<Direction, ReturnType<typeof table>>> = {
  input: table(`
                       NO I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    data               ES I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    init               I1 IN IN CS CR CW CO CE ES SS SR SA IN IN
    init-ack           CW CW CW CS CR CO CO CE ES SS SR SA RJ CL
    cookie-echo        CR IN IN CR CR CW CO CE ES SS SR SA RJ CL
    cookie-ack         ES I1 IN CS CR CW CO ES ES SS SR SA RJ CL
    shutdown           SR I1 IN CS CR CW CO CE SR SS SR SA RJ CL
    shutdown-ack       CL IN IN CS CR CW CO CE ES CL SR CL RJ CL
    shutdown-complete  CL CL CL CS CR CW CO CE ES SS SR CL RJ CL
    error              CL I1 IN CS CR CW CO CL ES SS SR SA RJ CL
    abort              CL CL CL CL CL RJ CL CL CL CL CL CL CL CL
  `),
  output: table(`
                       NO I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    data               ES I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    init               CW CW CW CW CW CW CW CW ES CW CW CW CW CW
    init-ack           CS CS CS CS CR CW CO CE ES SS SR SA RJ CL
    cookie-echo        CE CE CE CE CE CE CE CE ES SS SR SA RJ CL
    cookie-ack         ES ES ES ES ES ES ES ES ES SS SR SA RJ CL
    shutdown           SS SS SS SS SS SS SS SS SS SS SR SA RJ CL
    shutdown-ack       SA SA SA SA SA CW CO CE ES SA SA SA RJ CL
    shutdown-complete  CL I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    error              CL CL CL CL CL CW CO CE ES SS SR SA RJ CL
    abort              CL RJ CL CL CL CL CL CL CL CL CL CL CL CL
  `),
  'input-only': table(`
                       NO I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    data               ES I1 IN CS CR ES CO CE ES SS SR SA RJ CL
    init               I1 IN IN IN IN IN CO CE ES SS SR SA IN IN
    init-ack           CE CE CE CE CE CE CO CE ES SS SR SA RJ CL
    cookie-echo        ES ES ES ES ES ES CO CE ES SS SR SA RJ CL
    cookie-ack         ES I1 IN ES ES CW ES ES ES SS SR SA RJ CL
    shutdown           SR I1 IN CS CR CW CO CE SR SS SR SA RJ CL
    shutdown-ack       CL IN IN CS CR CW CO CE CL CL SR CL RJ CL
    shutdown-complete  CL CL CL CL CL CW CO CE ES SS CL CL RJ CL
    error              CL I1 IN CS CR CW CO CE ES SS SR SA RJ CL
    abort              CL CL CL CL CL RJ CL CL CL CL CL CL CL CL
  `),
};

export function nextSctpState(state: SctpState, event: SctpEvent, direction: Direction): SctpState {
  return tables[direction][event][state];
}

const halfOpen: ReadonlySet<SctpState> = new Set([
  'INIT1',
  'INIT',
  'C-SENT',
  'C-REPLIED',
  'C-WAIT',
  'COOKIE',
  'C-ECHOED',
]);

export function isSctpHalfOpen(state: SctpState): boolean {
  return halfOpen.has(state);
}
