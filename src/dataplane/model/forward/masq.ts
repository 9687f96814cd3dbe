/**
 * Translation of an address and a port (ip_vs_nat_xmit(), and the protocols' handlers): of the target on the way to
 * the real server, of the source on the way back. Checksums are changed, not reckoned anew: a wrong one stays as
 * wrong as it was. As bpf/lib/forward/masq.h.
 */

import type { Address } from '../../../ipvs/address.ts';
import { addressSum, checksumAfter, checksumOf, crc32c, pseudoHeaderSum, sumOf } from '../packet/checksum.ts';
import type { Headers } from '../packet/ip.ts';
import { addressLength, read16, readAddress, write16, writeAddress } from '../packet/octets.ts';
import type { Packet } from '../packet/packet.ts';

type End = 'source' | 'target';

export type Translation = {
  readonly end: End;
  readonly from: Address;
  readonly to: Address;
  readonly fromPort: number;
  readonly toPort: number;
};

/** The frame, which was made for this, changed in place; `false` where it cannot be. */
export function translate(frame: Uint8Array, packet: Packet, change: Translation): boolean {
  if (packet.kind === 'icmp-error') translateIcmp(frame, packet, change);
  else if (packet.kind !== 'later-fragment' && !translateTransport(frame, packet, change)) return false;
  else translateAddress(frame, packet.headers, change.end, change.from, change.to);
  return true;
}

/** All protocols begin with the source port and the target port. */
function portAt({ transport }: Headers, end: End): number {
  return transport + (end === 'source' ? 0 : 2);
}

function addressAt({ addresses, family }: Headers, end: End): number {
  return addresses + (end === 'source' ? 0 : addressLength(family));
}

function translateAddress(frame: Uint8Array, headers: Headers, end: End, from: Address, to: Address): void {
  if (headers.family === 4) adjust(frame, headers.network + 10, addressSum(from), addressSum(to));
  writeAddress(frame, addressAt(headers, end), to);
}

function translateTransport(frame: Uint8Array, packet: Packet, change: Translation): boolean {
  const { headers, protocol } = packet;
  const before = addressSum(change.from) + change.fromPort;
  const after = addressSum(change.to) + change.toPort;
  if (protocol === 'sctp') return translateSctp(frame, packet, change);
  write16(frame, portAt(headers, change.end), change.toPort);
  if (protocol === 'tcp') adjust(frame, headers.transport + 16, before, after);
  else if (read16(frame, headers.transport + 6) === 0) addUdpChecksum(frame, packet, change);
  else writeUdpChecksum(frame, headers, checksumAfter(read16(frame, headers.transport + 6), before, after));
  return true;
}

/** 0 stands for no checksum, and 0xffff for one that is 0. */
function writeUdpChecksum(frame: Uint8Array, { transport }: Headers, checksum: number): void {
  write16(frame, transport + 6, checksum || 0xffff);
}

/** As IPVS does, a datagram that has none gets one, if it is all there. */
function addUdpChecksum(
  frame: Uint8Array,
  { kind, headers, client, virtual }: Packet,
  change: Translation,
): void {
  if (kind !== 'whole') return;
  const { transport, network, bytes, protocol } = headers;
  const [source, target] = change.end === 'source' ? [change.to, virtual] : [client, change.to];
  const end = network + bytes;
  const pseudo = pseudoHeaderSum(source, target, protocol, end - transport);
  writeUdpChecksum(frame, headers, checksumOf(sumOf(frame, transport, end) + pseudo));
}

/** The CRC is of the whole packet, of which a fragment has only a part. It does not cover addresses. */
function translateSctp(frame: Uint8Array, packet: Packet, change: Translation): boolean {
  const { transport, network, bytes } = packet.headers;
  if (change.fromPort === change.toPort) return true;
  if (packet.kind !== 'whole') return false;
  const segment = frame.subarray(transport, network + bytes);
  const before = crc32c(segment);
  write16(frame, portAt(packet.headers, change.end), change.toPort);
  // CRCs of packets of one length differ as much as the packets do. 0 is one that is left to the device.
  const sum = new DataView(frame.buffer, frame.byteOffset + transport + 8, 4);
  if (sum.getUint32(0) !== 0) sum.setUint32(0, sum.getUint32(0, true) ^ before ^ crc32c(segment), true);
  return true;
}

/**
 * An ICMP error: its own address, whatever it was, and of the packet it quotes the other end, with the port. Of IPv4
 * the quoted header's sum makes up for its address, so that only the port changes ICMP's sum.
 */
function translateIcmp(frame: Uint8Array, { headers, inner }: Packet, change: Translation): void {
  if (!inner) return;
  const innerEnd = change.end === 'target' ? 'source' : 'target';
  const own = readAddress(frame, addressAt(headers, change.end), headers.family);
  const isIpv6 = headers.family === 6;
  const before = change.fromPort + (isIpv6 ? addressSum(own) + addressSum(change.from) : 0);
  const after = change.toPort + (isIpv6 ? 2 * addressSum(change.to) : 0);
  adjust(frame, headers.transport + 2, before, after);
  translateAddress(frame, headers, change.end, own, change.to);
  translateAddress(frame, inner, innerEnd, change.from, change.to);
  write16(frame, portAt(inner, innerEnd), change.toPort);
}

function adjust(frame: Uint8Array, at: number, before: number, after: number): void {
  write16(frame, at, checksumAfter(read16(frame, at), before, after));
}
