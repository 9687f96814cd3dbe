/** TCP sockets and UDP ports of the calling process's network namespace (/proc/net/tcp, proc(5)). */

import { readFileSync } from 'node:fs';
import { type Address, addressFromBytes } from '../ipvs/address.ts';

export type Listener = {
  readonly protocol: 'tcp' | 'udp';
  /** `undefined`: every address. */
  readonly address: Address | undefined;
  /** Whether every address means those of both families. */
  readonly isIpv6: boolean;
  readonly port: number;
};

export type TcpSocket = {
  readonly state: string;
  readonly local: { readonly address: Address; readonly port: number };
  readonly peer: { readonly address: Address; readonly port: number };
  /** Octets written and not yet acknowledged. */
  readonly unacknowledged: number;
  /** How often what is outstanding was sent again. */
  readonly retransmissions: number;
  /** Until the timer fires: of TIME_WAIT, until the end of its minute. */
  readonly timerSeconds: number;
};

/** By the numbers of include/net/tcp_states.h. */
const states = [
  ...['', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT', 'CLOSE'],
  ...['CLOSE_WAIT', 'LAST_ACK', 'LISTEN', 'CLOSING', 'NEW_SYN_RECV'],
];

const ticksPerSecond = 100; // USER_HZ

export function tcpSockets(): readonly TcpSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => parseSockets(textOf(path)));
}

export function listeners(): readonly Listener[] {
  return [
    ...parseListeners(textOf('/proc/net/tcp'), 'tcp', false),
    ...parseListeners(textOf('/proc/net/tcp6'), 'tcp', true),
    ...parseListeners(textOf('/proc/net/udp'), 'udp', false),
    ...parseListeners(textOf('/proc/net/udp6'), 'udp', true),
  ];
}

export function parseSockets(text: string): readonly TcpSocket[] {
  return rowsOf(text).flatMap((fields) => {
    const [, local = '', peer = '', state = '', queues = '', timer = '', retransmissions = '0'] = fields;
    const ends = [parseEnd(local), parseEnd(peer)] as const;
    const name = states[Number.parseInt(state, 16)];
    if (!ends[0] || !ends[1] || !name || name === 'LISTEN') return [];
    return {
      state: name === 'NEW_SYN_RECV' ? 'SYN_RECV' : name,
      local: ends[0],
      peer: ends[1],
      unacknowledged: Number.parseInt(queues.split(':')[0] ?? '0', 16),
      retransmissions: Number.parseInt(retransmissions, 16),
      timerSeconds: Number.parseInt(timer.split(':')[1] ?? '0', 16) / ticksPerSecond,
    };
  });
}

export function parseListeners(text: string, protocol: 'tcp' | 'udp', isIpv6: boolean): readonly Listener[] {
  const wanted = protocol === 'tcp' ? 'LISTEN' : 'CLOSE'; // an unconnected UDP socket is in state 7
  return rowsOf(text).flatMap(([, local = '', , state = '']) => {
    const end = parseEnd(local);
    if (!end || states[Number.parseInt(state, 16)] !== wanted) return [];
    const isAny = end.address === '0.0.0.0' || end.address === '::';
    return { protocol, isIpv6, address: isAny ? undefined : end.address, port: end.port };
  });
}

/** `0100007F:0050`: 32-bit words in the machine's order, which is little-endian. */
function parseEnd(text: string): { readonly address: Address; readonly port: number } | undefined {
  const [hex = '', port = ''] = text.split(':');
  if (hex.length !== 8 && hex.length !== 32) return undefined;
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  const mapped = bytes.length === 16 && bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
  return {
    address: addressFromBytes(Uint8Array.from(mapped ? bytes.slice(12) : bytes)),
    port: Number.parseInt(port, 16),
  };
}

function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 6);
}

/** Nothing where a family is switched off. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
