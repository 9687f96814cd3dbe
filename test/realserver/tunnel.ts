/** Tunnel packets as a director sends them, built around the frame of a client's packet. Pure. */

import { addressToBytes, parseAddress } from '../../src/ipvs/address.ts';
import { ETHERNET_HEADER } from '../support/frame/build.ts';
import { checksum } from '../support/frame/checksum.ts';

export type Tunnel = {
  readonly kind: 'ipip' | 'gue' | 'gre';
  /** The director's address, and the real server's, of the same family. */
  readonly from: string;
  readonly to: string;
  readonly tos?: number;
  /** IPv4 flags and offset, or IPv6's fragment header's; without it IPv6 has no such header. */
  readonly fragment?: number;
  /** IPv4 options, in octets of zeros. */
  readonly options?: number;
  /** GUE: extension words, flags, port. */
  readonly words?: number;
  readonly flags?: number;
  readonly port?: number;
  /** GUE: the first octet but for the words. */
  readonly version?: number;
};

const protocols = { ipip: 0, gue: 17, gre: 47 } as const;
const short = (value: number): readonly number[] => [value >>> 8, value & 0xff];

/** The frame, with the inner frame's MACs, in a tunnel. */
export function tunnelled(inner: Uint8Array, tunnel: Tunnel): Uint8Array {
  const packet = inner.slice(ETHERNET_HEADER);
  const isIpv6 = (packet[0] ?? 0) >>> 4 === 6;
  const between = betweenOf(tunnel, isIpv6, packet.length);
  const outside = tunnel.to.includes(':') ? ipv6Header : ipv4Header;
  const protocol = protocols[tunnel.kind] || innerProtocol(isIpv6);
  const header = outside(tunnel, protocol, between.length + packet.length);
  const type = tunnel.to.includes(':') ? 0x86dd : 0x0800;
  return Uint8Array.from([...inner.slice(0, 12), ...short(type), ...header, ...between, ...packet]);
}

function innerProtocol(isIpv6: boolean): number {
  return isIpv6 ? 41 : 4;
}

function betweenOf(tunnel: Tunnel, isIpv6: boolean, bytes: number): readonly number[] {
  const { kind, words = 0, flags = 0, port = 6080, version = 0 } = tunnel;
  if (kind === 'gue') {
    const length = 12 + words * 4 + bytes;
    const udp = [...short(40000), ...short(port), ...short(length), 0, 0];
    return [...udp, version | words, innerProtocol(isIpv6), ...short(flags), ...zeros(words * 4)];
  }
  if (kind === 'gre') {
    const optional = [0x8000, 0x2000, 0x1000].filter((bit) => flags & bit).length;
    return [...short(flags), ...short(isIpv6 ? 0x86dd : 0x0800), ...zeros(optional * 4)];
  }
  return [];
}

function ipv4Header(tunnel: Tunnel, protocol: number, bytes: number): readonly number[] {
  const { from, to, tos = 0, fragment = 0x4000, options = 0 } = tunnel;
  const header = [
    ...[0x45 + options / 4, tos, ...short(20 + options + bytes), 0, 0, ...short(fragment)],
    ...[63, protocol, 0, 0, ...octets(from), ...octets(to), ...zeros(options)],
  ];
  const [high = 0, low = 0] = short(checksum(Uint8Array.from(header)));
  return header.with(10, high).with(11, low);
}

function ipv6Header(tunnel: Tunnel, protocol: number, bytes: number): readonly number[] {
  const { from, to, tos = 0, fragment } = tunnel;
  const extension = fragment === undefined ? [] : [protocol, 0, ...short(fragment), 0, 0, 0, 1];
  return [
    ...[0x60 | (tos >>> 4), (tos & 15) << 4, 0, 0, ...short(extension.length + bytes)],
    ...[fragment === undefined ? protocol : 44, 63, ...octets(from), ...octets(to), ...extension],
  ];
}

function octets(text: string): readonly number[] {
  const address = parseAddress(text);
  if (!address) throw new Error(`no address: ${text}`);
  return [...addressToBytes(address)];
}

function zeros(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0);
}
