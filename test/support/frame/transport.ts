/** What stands behind the IP header: TCP, UDP, SCTP, ICMP of both families, or anything else. */

import type { End } from './build.ts';
import { crc32c, folded, sumWords } from './checksum.ts';
import {
  type Chunk,
  chunkTypes,
  type IcmpFields,
  type Packet,
  type SctpFields,
  type TcpFields,
  type UdpFields,
} from './fields.ts';

/** Where to write, and between whom. `quoted` is the frame an ICMP error is about. */
export type Writing = {
  readonly room: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly from: End;
  readonly to: End;
  readonly quoted: Uint8Array | undefined;
};

const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
const ETHERNET_HEADER = 14;
const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32 };
const text = new TextEncoder();

export function protocolNumber(packet: Packet, isIpv6: boolean): number {
  if (packet.kind === 'raw') return packet.protocol;
  return packet.kind === 'icmp' && isIpv6 ? PROTOCOL.icmpv6 : PROTOCOL[packet.kind];
}

/** Answers the length in octets. */
export function writeTransport(packet: Packet, writing: Writing): number {
  switch (packet.kind) {
    case 'tcp':
      return writeTcp(packet, writing);
    case 'udp':
      return writeUdp(packet, writing);
    case 'sctp':
      return writeSctp(packet, writing);
    case 'icmp':
      return writeIcmp(packet, writing);
    case 'raw':
      return fill(writing, 0, packet.payload ?? 0);
  }
}

function writeTcp({ flags, payload = 0 }: TcpFields, writing: Writing): number {
  const { room, view, start, from, to } = writing;
  let bits = 0;
  for (const letter of flags) bits |= flagBits[letter] ?? fail(`TCP flag ${letter}`);
  view.setUint16(start, portOf(from));
  view.setUint16(start + 2, portOf(to));
  view.setUint32(start + 4, 1); // sequence
  view.setUint32(start + 8, bits & 16 ? 1 : 0); // acknowledgement
  room[start + 12] = 0x50; // 5 words
  room[start + 13] = bits;
  view.setUint16(start + 14, 0xfaf0); // window
  view.setUint32(start + 16, 0); // checksum, urgent
  const length = fill(writing, 20, payload);
  view.setUint16(start + 16, pseudoChecksum(writing, PROTOCOL.tcp, length));
  return length;
}

function writeUdp({ payload = 0, text: words, sum }: UdpFields, writing: Writing): number {
  const { room, view, start, from, to } = writing;
  const said = words === undefined ? undefined : text.encode(words);
  const length = fill(writing, 8, Math.max(payload, said?.length ?? 0));
  if (said) room.set(said, start + 8);
  view.setUint16(start, portOf(from));
  view.setUint16(start + 2, portOf(to));
  view.setUint16(start + 4, length);
  view.setUint16(start + 6, 0);
  // A sum of 0 means that there is none: 0xffff is written instead (RFC 768).
  if (sum === undefined) view.setUint16(start + 6, pseudoChecksum(writing, PROTOCOL.udp, length) || 0xffff);
  return length;
}

/** The lengths of chunks without what may be variable in them. */
const chunkBytes: Readonly<Record<Chunk, number>> = {
  ...{ DATA: 20, INIT: 20, 'INIT-ACK': 20, SACK: 16, HEARTBEAT: 12, 'HEARTBEAT-ACK': 12, ABORT: 4 },
  ...{ SHUTDOWN: 8, 'SHUTDOWN-ACK': 4, ERROR: 8, 'COOKIE-ECHO': 12, 'COOKIE-ACK': 4, 'SHUTDOWN-COMPLETE': 4 },
};

/** `payload` lengthens the last chunk. */
function writeSctp({ chunks, payload = 0 }: SctpFields, writing: Writing): number {
  const { room, view, start, from, to } = writing;
  view.setUint16(start, portOf(from));
  view.setUint16(start + 2, portOf(to));
  view.setUint32(start + 4, chunks[0] === 'INIT' ? 0 : 1); // verification tag
  view.setUint32(start + 8, 0);
  let length = 12;
  for (const [index, name] of chunks.entries()) {
    const bytes = chunkBytes[name] + (index === chunks.length - 1 ? payload : 0);
    const at = start + length;
    room.fill(0, at, at + bytes + 3);
    room[at] = chunkTypes[name];
    room[at + 1] = name === 'DATA' ? 3 : 0;
    view.setUint16(at + 2, bytes);
    length += (bytes + 3) & ~3;
  }
  view.setUint32(start + 8, crc32c(room, start, start + length), true);
  return length;
}

function writeIcmp({ type, code, word = 0, quote }: IcmpFields, writing: Writing): number {
  const { room, view, start, from, quoted } = writing;
  const isIpv6 = from.bytes.length === 16;
  let length = 8;
  if (quoted) {
    const most = quote ?? (isIpv6 ? 1280 - 48 : 576 - 28);
    const packet = quoted.subarray(ETHERNET_HEADER, ETHERNET_HEADER + most);
    room.set(packet, start + 8);
    length += packet.length;
  } else {
    length = fill(writing, 8, 8);
  }
  room[start] = type;
  room[start + 1] = code;
  view.setUint16(start + 2, 0);
  view.setUint32(start + 4, word);
  const sum = isIpv6
    ? pseudoChecksum(writing, PROTOCOL.icmpv6, length)
    : folded(sumWords(room, start, start + length));
  view.setUint16(start + 2, sum);
  return length;
}

/** TCP's and UDP's checksum covers the addresses as well (RFC 768, RFC 9293, RFC 8200 section 8.1). */
function pseudoChecksum({ room, start, from, to }: Writing, protocol: number, length: number): number {
  return folded(sumWords(room, start, start + length, from.sum + to.sum + protocol + length));
}

/** Writes octets 0, 1, 2 … behind a header; answers the length of both. */
function fill({ room, start }: Writing, header: number, payload: number): number {
  for (let index = 0; index < payload; index++) room[start + header + index] = index & 0xff;
  return header + payload;
}

function portOf({ port, text: end }: End): number {
  return port ?? fail(`port of ${end}`);
}

function fail(what: string): never {
  throw new Error(`cannot build a packet: ${what}`);
}
