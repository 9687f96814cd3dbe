/**
 * Encapsulation (ip_vs_tunnel_xmit()): IP in IP (RFC 2003, RFC 2473, RFC 4213), GUE (draft-ietf-intarea-gue) over
 * UDP, or GRE (RFC 2784), each family in each. As bpf/lib/forward/tunnel.h.
 *
 * What nobody can foresee is 0 here: the identification of an outer IPv4 header that may be fragmented, and GUE's
 * source port. Their checksums are reckoned with that.
 */

import { type Address, type Family, familyOf } from '../../../ipvs/address.ts';
import type { Tunnel } from '../../../ipvs/service.ts';
import { checksumOf, folded, pseudoHeaderSum, sumOf } from '../packet/checksum.ts';
import { ipv6Length } from '../packet/ip.ts';
import { addressLength, read16, readAddress, write16, writeAddress } from '../packet/octets.ts';
import { ethernetLength, icmpNumber, type Packet, protocolNumbers } from '../packet/packet.ts';

export type Envelope = {
  readonly tunnel: Tunnel;
  readonly source: Address;
  readonly target: Address;
  /** An outer IPv4 header forbids routers to fragment. */
  readonly dontFragment: boolean;
};

const ipv4Length = 20;
const gueLength = 12;
const greProtocol = 47;
const udpProtocol = 17;
const etherTypes: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };
const ipInIp: Readonly<Record<Family, number>> = { 4: 4, 6: 41 };

/** By so much does a packet grow. */
export function tunnelOverhead(tunnel: Tunnel, outer: Family): number {
  return (outer === 4 ? ipv4Length : ipv6Length) + innerHeaderLength(tunnel);
}

function innerHeaderLength({ type, checksum }: Tunnel): number {
  switch (type) {
    case 'ipip':
      return 0;
    case 'gue':
      return gueLength;
    case 'gre':
      return checksum === 'csum' ? 8 : 4;
  }
}

/** `inner` is the packet's frame, which is one hop older already and ends with the packet. */
export function encapsulate(inner: Uint8Array, packet: Packet, envelope: Envelope): Uint8Array {
  const family = familyOf(envelope.target);
  const payload = inner.subarray(ethernetLength);
  const between = headerBetween(inner, packet, envelope);
  const network = outerHeader(packet, envelope, family, between.length + payload.length);
  const frame = new Uint8Array(ethernetLength + network.length + between.length + payload.length);
  frame.set(inner.subarray(0, ethernetLength));
  write16(frame, 12, etherTypes[family]);
  frame.set(network, ethernetLength);
  frame.set(between, ethernetLength + network.length);
  frame.set(payload, ethernetLength + network.length + between.length);
  return frame;
}

function headerBetween(inner: Uint8Array, packet: Packet, envelope: Envelope): Uint8Array {
  switch (envelope.tunnel.type) {
    case 'ipip':
      return new Uint8Array(0);
    case 'gue':
      return gueHeader(inner, packet, envelope);
    case 'gre':
      return greHeader(inner, packet, envelope.tunnel);
  }
}

function gueHeader(inner: Uint8Array, packet: Packet, { tunnel, source, target }: Envelope): Uint8Array {
  const header = new Uint8Array(gueLength);
  const length = gueLength + packet.headers.bytes;
  write16(header, 2, tunnel.port);
  write16(header, 4, length);
  header[9] = ipInIp[packet.family];
  // A remote checksum is for packets whose checksum the device fills in; others get an outer one instead.
  if (tunnel.checksum !== 'nocsum') {
    const pseudo = pseudoHeaderSum(source, target, udpProtocol, length);
    write16(header, 6, checksumOf(sumOf(header) + pseudo + sumOfInner(inner, packet)) || 0xffff);
  }
  return header;
}

function greHeader(inner: Uint8Array, packet: Packet, tunnel: Tunnel): Uint8Array {
  const header = new Uint8Array(innerHeaderLength(tunnel));
  write16(header, 2, etherTypes[packet.family]);
  if (tunnel.checksum === 'csum') {
    write16(header, 0, 0x8000);
    write16(header, 4, checksumOf(sumOf(header) + sumOfInner(inner, packet)));
  }
  return header;
}

/**
 * The sum of the inner packet, whose own checksums are taken for right: what they cover then sums up to what its
 * pseudo-header lacks, whether the device is still to fill them in or not.
 */
function sumOfInner(inner: Uint8Array, packet: Packet): number {
  const { family, headers } = packet;
  if (!sumsUp(packet)) return sumOf(inner, ethernetLength);
  const protocol = packet.kind === 'icmp-error' ? icmpNumber(family) : protocolNumbers[packet.protocol];
  const length = headers.bytes - (headers.transport - headers.network);
  const network = family === 4 ? 0 : sumOf(inner, headers.network, headers.transport);
  if (family === 4 && packet.kind === 'icmp-error') return network;
  const source = readAddress(inner, headers.addresses, family);
  const target = readAddress(inner, headers.addresses + addressLength(family), family);
  return network + (~folded(pseudoHeaderSum(source, target, protocol, length)) & 0xffff);
}

/** Not where the checksum is a CRC, is left out, or is of more than this fragment. */
function sumsUp({ kind, protocol, frame, headers }: Packet): boolean {
  if (kind === 'icmp-error') return true;
  if (kind !== 'whole' || protocol === 'sctp') return false;
  return protocol === 'tcp' || read16(frame, headers.transport + 6) !== 0;
}

function outerHeader(packet: Packet, envelope: Envelope, family: Family, length: number): Uint8Array {
  return family === 4 ? outerIpv4(packet, envelope, length) : outerIpv6(packet, envelope, length);
}

function outerIpv4(packet: Packet, { tunnel, source, target, dontFragment }: Envelope, length: number) {
  const header = new Uint8Array(ipv4Length);
  header.set([0x45, outerTos(packet.headers.tos)]);
  write16(header, 2, ipv4Length + length);
  write16(header, 6, dontFragment ? 0x4000 : 0);
  header.set([packet.headers.ttl - 1, outerProtocol(packet, tunnel)], 8);
  writeAddress(header, 12, source);
  writeAddress(header, 16, target);
  write16(header, 10, checksumOf(sumOf(header)));
  return header;
}

function outerIpv6(packet: Packet, { tunnel, source, target }: Envelope, length: number) {
  const header = new Uint8Array(ipv6Length);
  write16(header, 0, 0x6000 | (outerTos(packet.headers.tos) << 4));
  write16(header, 4, length);
  header.set([outerProtocol(packet, tunnel), packet.headers.ttl - 1], 6);
  writeAddress(header, 8, source);
  writeAddress(header, 24, target);
  return header;
}

function outerProtocol({ family }: Packet, { type }: Tunnel): number {
  switch (type) {
    case 'ipip':
      return ipInIp[family];
    case 'gue':
      return udpProtocol;
    case 'gre':
      return greProtocol;
  }
}

const ecnMask = 3;
const ecnExperienced = 3;
const ecnCapable = 2;

/** Congestion, once experienced, is not told outside: ECT(0) stands for it (RFC 3168 §9.1.1). */
function outerTos(tos: number): number {
  return (tos & ecnMask) === ecnExperienced ? (tos & ~ecnMask) | ecnCapable : tos;
}
