/**
 * From what a test says of a packet to the frame, octet by octet. Written for the fuzzer, which builds millions:
 * there is one room to write in, and endpoints are read once.
 */

import { addressToBytes, parseAddress } from '../../../src/ipvs/address.ts';
import { folded, sumWords } from './checksum.ts';
import { type EndText, extensionTypes, type HeaderFields, type Mac, type Packet } from './fields.ts';
import { protocolNumber, writeTransport } from './transport.ts';

/** The interface under test and the machine on the other end of its wire. */
export const directorMac: Mac = '02:00:00:00:00:02';
export const clientMac: Mac = '02:00:00:00:00:aa';

export const ETHERNET_HEADER = 14;
export const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const EXTENSION = 8;
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;
const IPV6_FRAGMENT = 44;
const MORE_FRAGMENTS = 0x2000;

/** `sum` is that of the address's 16-bit words; `port` is missing where the text has none. */
export type End = {
  readonly text: EndText;
  readonly bytes: Uint8Array;
  readonly port: number | undefined;
  readonly sum: number;
};

const room = new Uint8Array(ETHERNET_HEADER + 0x10000 + 0x100);
const view = new DataView(room.buffer);
const ends = new Map<EndText, End>();
const macs = new Map<Mac, Uint8Array>();

/** The frame of a packet. */
export function frameOf(packet: Packet): Uint8Array {
  const from = endOf(packet.from);
  const to = endOf(packet.to);
  const isIpv6 = from.bytes.length === 16;
  const { part } = packet;
  const quoted = packet.kind === 'icmp' && packet.about ? frameOf(packet.about) : undefined;
  const headerBytes = isIpv6
    ? IPV6_HEADER + EXTENSION * ((packet.extensions?.length ?? 0) + (part ? 1 : 0))
    : IPV4_HEADER + (packet.options?.length ?? 0);
  const start = ETHERNET_HEADER + headerBytes;
  let length = writeTransport(packet, { room, view, start, from, to, quoted });
  let more = false;
  if (part) {
    more = part.offset + part.length < length;
    const end = Math.min(part.offset + part.length, length);
    room.copyWithin(start, start + part.offset, start + end);
    length = Math.max(end - part.offset, 0);
  }
  if (isIpv6) writeIpv6(packet, from, to, length, more);
  else writeIpv4(packet, from, to, length, more);
  put(macOf(packet.toMac ?? directorMac), 0);
  put(macOf(packet.fromMac ?? clientMac), 6);
  view.setUint16(12, isIpv6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4);
  return finished(packet, start + length);
}

function finished({ patch, cut, pad = 0 }: HeaderFields, end: number): Uint8Array {
  if (patch) for (const [at, value] of patch) room[ETHERNET_HEADER + at] = value;
  const bytes = cut === undefined ? end : Math.min(end, ETHERNET_HEADER + cut);
  if (bytes >= pad) return room.slice(0, bytes);
  const frame = new Uint8Array(pad);
  frame.set(room.subarray(0, bytes));
  return frame;
}

/** A few octets: a loop is faster than a call of set(). */
function put(bytes: Uint8Array, at: number): void {
  for (let index = 0; index < bytes.length; index++) room[at + index] = bytes[index] ?? 0;
}

function writeIpv4(packet: Packet, from: End, to: End, length: number, more: boolean): void {
  const { options, part } = packet;
  const bytes = IPV4_HEADER + (options?.length ?? 0);
  const at = ETHERNET_HEADER;
  room[at] = ((packet.version ?? 4) << 4) | ((packet.headerWords ?? bytes >> 2) & 15);
  room[at + 1] = packet.tos ?? 0;
  view.setUint16(at + 2, packet.totalLength ?? bytes + length);
  view.setUint16(at + 4, packet.id ?? 1);
  const place = part ? (more ? MORE_FRAGMENTS : 0) | (part.offset >> 3) : 0;
  view.setUint16(at + 6, (packet.fragment ?? 0) | place);
  room[at + 8] = packet.ttl ?? 64;
  room[at + 9] = protocolNumber(packet, false);
  view.setUint16(at + 10, 0);
  put(from.bytes, at + 12);
  put(to.bytes, at + 16);
  if (options) room.set(options, at + IPV4_HEADER);
  view.setUint16(at + 10, folded(sumWords(room, at, at + bytes)));
}

function writeIpv6(packet: Packet, from: End, to: End, length: number, more: boolean): void {
  const { extensions = [], part } = packet;
  const chain = [...extensions.map((name) => extensionTypes[name]), ...(part ? [IPV6_FRAGMENT] : [])];
  const protocols = [...chain, protocolNumber(packet, true)];
  const at = ETHERNET_HEADER;
  view.setUint32(at, ((packet.version ?? 6) << 28) | ((packet.tos ?? 0) << 20));
  view.setUint16(at + 4, packet.totalLength ?? chain.length * EXTENSION + length);
  room[at + 6] = protocols[0] ?? 0;
  room[at + 7] = packet.ttl ?? 64;
  put(from.bytes, at + 8);
  put(to.bytes, at + 24);
  for (const [index, type] of chain.entries()) {
    const header = at + IPV6_HEADER + index * EXTENSION;
    room.fill(0, header, header + EXTENSION);
    room[header] = protocols[index + 1] ?? 0;
    if (type === IPV6_FRAGMENT) {
      view.setUint16(header + 2, ((part?.offset ?? 0) & ~7) | (more ? 1 : 0));
      view.setUint32(header + 4, packet.id ?? 1);
    } else if (type !== extensionTypes.routing) {
      room[header + 2] = 1; // PadN fills the options up
      room[header + 3] = 4;
    }
  }
}

function endOf(text: EndText): End {
  const known = ends.get(text);
  if (known) return known;
  const parts = /^(?:\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|(.*))$/.exec(text) ?? [];
  const address = parseAddress(parts[1] ?? parts[3] ?? parts[5] ?? '');
  if (address === undefined) throw new Error(`cannot build a packet: address of ${text}`);
  const port = parts[2] ?? parts[4];
  const bytes = addressToBytes(address);
  const sum = sumWords(bytes, 0, bytes.length);
  const end = { text, bytes, port: port === undefined ? undefined : Number(port), sum };
  ends.set(text, end);
  return end;
}

export function macOf(text: Mac): Uint8Array {
  let bytes = macs.get(text);
  if (!bytes) {
    bytes = Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));
    macs.set(text, bytes);
  }
  return bytes;
}
