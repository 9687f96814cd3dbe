/**
 * Ethernet frames as bytes, built from what a test says of them (frame/fields.ts), and what is done to frames on
 * their way. Pure.
 */

import { type Ipv4, ipv4ToNumber, parseIpv4 } from '../../src/ipvs/address.ts';
import { clientMac, ETHERNET_HEADER, ETHERTYPE, frameOf, IPV4_HEADER, macOf } from './frame/build.ts';
import { folded, sumWords } from './frame/checksum.ts';
import type { HeaderFields, IcmpFields, Mac, SctpFields, TcpFields, UdpFields } from './frame/fields.ts';

const MORE_FRAGMENTS = 0x2000;

export const tcp = (fields: TcpFields): Uint8Array => frameOf({ kind: 'tcp', ...fields });
export const udp = (fields: UdpFields): Uint8Array => frameOf({ kind: 'udp', ...fields });
export const sctp = (fields: SctpFields): Uint8Array => frameOf({ kind: 'sctp', ...fields });
export const icmp = (fields: IcmpFields): Uint8Array => frameOf({ kind: 'icmp', ...fields });

/** An echo request, of either family. */
export function ping(fields: HeaderFields & { readonly from: string; readonly to: string }): Uint8Array {
  const type = fields.from.includes(':') ? 128 : 8;
  return icmp({ ...fields, type, code: 0, word: 0x10001 });
}

/**
 * The ICMP error about an IPv4 frame, from the address the frame was for, or that of `from`: as real IPVS was seen to
 * write it. The frame's MACs stay, as TC leaves them to the kernel; `id` is the identification, which is anything.
 */
export function icmpError(
  about: Uint8Array,
  type: number,
  code: number,
  id: number,
  from?: string,
): Uint8Array {
  const packet = [...about.slice(ETHERNET_HEADER)];
  const length = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
  const quote = packet.slice(0, Math.min(length, 576 - IPV4_HEADER - 8));
  const message = withChecksum([type, code, ...short(0), ...word(0), ...quote], 2);
  const header = [
    ...[0x45, 0xc0 | ((packet[1] ?? 0) & 0x1e), ...short(IPV4_HEADER + message.length)],
    ...[...short(id), ...short(0), 64, 1, ...short(0)],
    ...[...(from === undefined ? packet.slice(16, 20) : address(from)), ...packet.slice(12, 16)],
  ];
  return Uint8Array.from([...about.slice(0, ETHERNET_HEADER), ...withChecksum(header, 10), ...message]);
}

/** Who has `target`? */
export function arpRequest({
  sender,
  target,
}: {
  readonly sender: string;
  readonly target: string;
}): Uint8Array {
  const body = [
    ...[0, 1, ...short(ETHERTYPE.ipv4), 6, 4, 0, 1],
    ...[...macOf(clientMac), ...address(sender)],
    ...[0, 0, 0, 0, 0, 0, ...address(target)],
  ];
  const link = [...macOf('ff:ff:ff:ff:ff:ff'), ...macOf(clientMac), ...short(ETHERTYPE.arp)];
  return Uint8Array.from([...link, ...body]);
}

/** The frame with an 802.1Q tag in it. */
export function tagged(frame: Uint8Array, vlan: number): Uint8Array {
  return Uint8Array.from([
    ...frame.slice(0, 12),
    ...short(ETHERTYPE.vlan),
    ...short(vlan),
    ...frame.slice(12),
  ]);
}

/** The frame as a wire carries it: filled up with zeros behind the packet. */
export function padded(frame: Uint8Array, bytes = 60): Uint8Array {
  const long = new Uint8Array(Math.max(bytes, frame.length));
  long.set(frame);
  return long;
}

/** A frame without what follows its IP packet, whose version says what it is: TC leaves the frame's type to the kernel. */
export function trimmed(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const isIpv6 = view.getUint8(ETHERNET_HEADER) >> 4 === 6;
  const bytes = isIpv6 ? 40 + view.getUint16(ETHERNET_HEADER + 4) : view.getUint16(ETHERNET_HEADER + 2);
  return frame.slice(0, ETHERNET_HEADER + bytes);
}

/** The first `bytes` of the IP packet in its frame, as if the rest had been lost. */
export function truncated(frame: Uint8Array, bytes: number): Uint8Array {
  return frame.slice(0, ETHERNET_HEADER + bytes);
}

/** An IPv4 frame without options in fragments whose payloads have at most `size` bytes, a multiple of 8. */
export function fragments(frame: Uint8Array, size: number): readonly Uint8Array[] {
  const payload = frame.slice(ETHERNET_HEADER + IPV4_HEADER);
  const pieces = Array.from({ length: Math.ceil(payload.length / size) }, (_, index) => index * size);
  return pieces.map((start) => {
    const part = payload.slice(start, start + size);
    const more = start + size < payload.length ? MORE_FRAGMENTS : 0;
    const header = frame.slice(ETHERNET_HEADER, ETHERNET_HEADER + IPV4_HEADER);
    header.set(short(IPV4_HEADER + part.length), 2);
    header.set(short(more | (start >> 3)), 6);
    return Uint8Array.from([...frame.slice(0, ETHERNET_HEADER), ...withChecksum([...header], 10), ...part]);
  });
}

/** The frame one hop further: TTL or hop limit less one, IPv4's header checksum reckoned anew. */
export function oneHopFurther(frame: Uint8Array): Uint8Array {
  const older = frame.slice();
  const isIpv6 = ((frame[12] ?? 0) << 8) + (frame[13] ?? 0) === ETHERTYPE.ipv6;
  const ttlAt = ETHERNET_HEADER + (isIpv6 ? 7 : 8);
  older[ttlAt] = (frame[ttlAt] ?? 0) - 1;
  if (isIpv6) return older;
  const headerEnd = ETHERNET_HEADER + ((frame[ETHERNET_HEADER] ?? 0) & 15) * 4;
  const header = withChecksum([...older.slice(ETHERNET_HEADER, headerEnd)], 10);
  older.set(header, ETHERNET_HEADER);
  return older;
}

/** The frame with other MACs. */
export function between(frame: Uint8Array, fromMac: Mac, toMac: Mac): Uint8Array {
  const other = frame.slice();
  other.set(macOf(toMac), 0);
  other.set(macOf(fromMac), 6);
  return other;
}

/** The bytes with their checksum at `at`. */
function withChecksum(bytes: readonly number[], at: number): number[] {
  const blank = Uint8Array.from(bytes.with(at, 0).with(at + 1, 0));
  const [high = 0, low = 0] = short(folded(sumWords(blank, 0, blank.length)));
  return bytes.with(at, high).with(at + 1, low);
}

function address(text: string): number[] {
  const ip: Ipv4 = parseIpv4(text) ?? fail(`address of ${text}`);
  return word(ipv4ToNumber(ip));
}

function short(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

function word(value: number): number[] {
  return [...short(value >>> 16), ...short(value & 0xffff)];
}

function fail(what: string): never {
  throw new Error(`cannot build a packet: ${what}`);
}
