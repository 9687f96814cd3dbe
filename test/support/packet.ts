/**
 * Ethernet frames as bytes, built from what a test says of them: everything it does not say is right, the
 * checksums included. What a test says wins, so that wrong packets can be built as well. Pure.
 */

import { type Ipv4, ipv4ToNumber, parseIpv4 } from '../../src/ipvs/address.ts';

/** `10.0.0.10:40001` */
type Endpoint = string;
type Mac = string;

/** The interface under test and the machine on the other end of its wire. */
export const directorMac: Mac = '02:00:00:00:00:02';
export const clientMac: Mac = '02:00:00:00:00:aa';

const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;
const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;
const MORE_FRAGMENTS = 0x2000;

type LinkFields = { readonly toMac?: Mac; readonly fromMac?: Mac };

export type Ipv4Fields = LinkFields & {
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  /** Flags and fragment offset as on the wire: 0x4000 is "don't fragment", 0x2000 "more fragments". */
  readonly fragment?: number;
  /** Option bytes, a multiple of 4. */
  readonly options?: readonly number[];
  readonly version?: number;
  /** Header length in 32-bit words, as the packet claims it. */
  readonly headerWords?: number;
  /** Header and payload in bytes, as the packet claims them. */
  readonly totalLength?: number;
};

type Ends = { readonly from: Endpoint; readonly to: Endpoint };

/** `flags` are letters: S SYN, A ACK, P PSH, F FIN, R RST, U URG. `payload` is its length in bytes. */
export type TcpFields = Ipv4Fields & Ends & { readonly flags: string; readonly payload?: number };
export type UdpFields = Ipv4Fields & Ends & { readonly payload?: number };

const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32 };

export function tcp(fields: TcpFields): Uint8Array {
  const { from, to, flags, payload = 0 } = fields;
  const bits = [...flags].reduce((sum, letter) => sum | (flagBits[letter] ?? fail(`TCP flag ${letter}`)), 0);
  const segment = [
    ...ports(from, to),
    ...[...word(1), ...word(bits & 16 ? 1 : 0)], // sequence, acknowledgement
    ...[0x50, bits, ...short(0xfaf0), ...short(0), ...short(0)], // 5 words, window, checksum, urgent
    ...filling(payload),
  ];
  return ipv4(fields, PROTOCOL.tcp, withPseudoChecksum(segment, 16, from, to, PROTOCOL.tcp));
}

export function udp(fields: UdpFields): Uint8Array {
  const { from, to, payload = 0 } = fields;
  const datagram = [...ports(from, to), ...short(8 + payload), ...short(0), ...filling(payload)];
  return ipv4(fields, PROTOCOL.udp, withPseudoChecksum(datagram, 6, from, to, PROTOCOL.udp));
}

/** An echo request; of `from` and `to` only the addresses count. */
export function ping(fields: Ipv4Fields & { readonly from: string; readonly to: string }): Uint8Array {
  const message = [8, 0, ...short(0), ...short(1), ...short(1), ...filling(8)];
  return ipv4(fields, PROTOCOL.icmp, withChecksum(message, 2));
}

/**
 * The ICMP error about a frame, from the address the frame was for: as real IPVS was seen to write it. The frame's
 * MACs stay, as TC leaves them to the kernel; `id` is the identification, which is anything.
 */
export function icmpError(about: Uint8Array, type: number, code: number, id: number): Uint8Array {
  const packet = [...about.slice(ETHERNET_HEADER)];
  const length = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
  const quote = packet.slice(0, Math.min(length, 576 - IPV4_HEADER - 8));
  const message = withChecksum([type, code, ...short(0), ...word(0), ...quote], 2);
  const header = [
    ...[0x45, 0xc0 | ((packet[1] ?? 0) & 0x1e), ...short(IPV4_HEADER + message.length)],
    ...[...short(id), ...short(0), 64, PROTOCOL.icmp, ...short(0)],
    ...[...packet.slice(16, 20), ...packet.slice(12, 16)],
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
  const toMac = 'ff:ff:ff:ff:ff:ff';
  const body = [
    ...[0, 1, ...short(ETHERTYPE.ipv4), 6, 4, 0, 1],
    ...[...mac(clientMac), ...address(sender)],
    ...[0, 0, 0, 0, 0, 0, ...address(target)],
  ];
  return ethernet({ toMac }, ETHERTYPE.arp, body);
}

/** A TCP SYN over IPv6, between two documentation addresses. Its checksum is not filled in. */
export function ipv6Syn(): Uint8Array {
  const host = (last: number): number[] => [0x20, 0x01, 0x0d, 0xb8, ...filling(11).fill(0), last];
  const segment = [
    ...short(40001),
    ...short(80),
    ...word(1),
    ...word(0),
    0x50,
    2,
    ...short(0xfaf0),
    0,
    0,
    0,
    0,
  ];
  const header = [0x60, 0, 0, 0, ...short(segment.length), PROTOCOL.tcp, 64, ...host(0x10), ...host(0x64)];
  return ethernet({}, ETHERTYPE.ipv6, [...header, ...segment]);
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

/** The first `bytes` of the IPv4 packet in its frame, as if the rest had been lost. */
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

/** The IPv4 frame one hop further: TTL less one, the header's checksum reckoned anew. */
export function oneHopFurther(frame: Uint8Array): Uint8Array {
  const ttlAt = ETHERNET_HEADER + 8;
  const older = frame.slice();
  older[ttlAt] = (frame[ttlAt] ?? 0) - 1;
  const headerEnd = ETHERNET_HEADER + ((frame[ETHERNET_HEADER] ?? 0) & 15) * 4;
  const header = withChecksum([...older.slice(ETHERNET_HEADER, headerEnd)], 10);
  older.set(header, ETHERNET_HEADER);
  return older;
}

/** The frame with other MACs. */
export function between(frame: Uint8Array, fromMac: Mac, toMac: Mac): Uint8Array {
  const other = frame.slice();
  other.set([...mac(toMac), ...mac(fromMac)]);
  return other;
}

/** The internet checksum (RFC 1071) of bytes whose own checksum field is 0. */
export function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function ipv4(fields: Ipv4Fields & Ends, protocol: number, payload: readonly number[]): Uint8Array {
  const { options = [] } = fields;
  const bytes = IPV4_HEADER + options.length;
  const { version = 4, headerWords = bytes / 4, totalLength = bytes + payload.length } = fields;
  const header = [
    ...[(version << 4) | headerWords, fields.tos ?? 0, ...short(totalLength)],
    ...[...short(fields.id ?? 1), ...short(fields.fragment ?? 0)],
    ...[fields.ttl ?? 64, protocol, ...short(0)],
    ...[...address(fields.from), ...address(fields.to), ...options],
  ];
  return ethernet(fields, ETHERTYPE.ipv4, [...withChecksum(header, 10), ...payload]);
}

function ethernet(link: LinkFields, type: number, payload: readonly number[]): Uint8Array {
  const { toMac = directorMac, fromMac = clientMac } = link;
  return Uint8Array.from([...mac(toMac), ...mac(fromMac), ...short(type), ...payload]);
}

/** The bytes with their checksum at `at`. */
function withChecksum(bytes: readonly number[], at: number): number[] {
  const blank = bytes.with(at, 0).with(at + 1, 0);
  const [high = 0, low = 0] = short(checksum(blank));
  return blank.with(at, high).with(at + 1, low);
}

/** TCP's and UDP's checksum covers the addresses as well (RFC 768, RFC 9293). */
function withPseudoChecksum(
  bytes: readonly number[],
  at: number,
  from: Endpoint,
  to: Endpoint,
  protocol: number,
): number[] {
  const pseudo = [...address(from), ...address(to), 0, protocol, ...short(bytes.length)];
  return withChecksum([...pseudo, ...bytes], pseudo.length + at).slice(pseudo.length);
}

function ports(...ends: readonly Endpoint[]): number[] {
  return ends.flatMap((end) => short(Number(end.split(':')[1] ?? fail(`port of ${end}`))));
}

function address(end: string): number[] {
  const ip: Ipv4 = parseIpv4(end.split(':')[0] ?? '') ?? fail(`address of ${end}`);
  return word(ipv4ToNumber(ip));
}

function mac(text: Mac): number[] {
  return text.split(':').map((octet) => Number.parseInt(octet, 16));
}

function filling(length: number): number[] {
  return Array.from({ length }, (_, index) => index & 0xff);
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
