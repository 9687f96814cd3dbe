/** Frames as a client, a router or a real server would send them (RFC 791, 8200, 9293, 768, 9260, 792, 4443). Pure. */

import { chunkTypes, type Header, type IcmpError, isIpv6, type Packet, type Transport } from '../scenario.ts';
import { addressBytes, macBytes } from './address.ts';
import { crc32c, internetChecksum } from './checksum.ts';

export const protocolNumbers = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
export const tcpFlags = ['F', 'S', 'R', 'P', 'A', 'U'] as const;
const ipv6Fragment = 44;

/** One of several parts of a packet (RFC 791 section 3.2). */
type Part = { readonly offset: number; readonly more: boolean };
const whole: Part = { offset: 0, more: false };

/** Ethernet frames from one MAC to another: one, or one for each fragment of `fragment` bytes (a multiple of 8). */
export function buildFrames(
  packet: Packet,
  { from, to }: { readonly from: string; readonly to: string },
  fragment?: number,
): readonly Buffer[] {
  const { source, destination } = ends(packet);
  const ethertype = Buffer.from(isIpv6(source) ? [0x86, 0xdd] : [0x08, 0x00]);
  const ethernet = Buffer.concat([macBytes(to), macBytes(from), ethertype]);
  const content = transportBytes(packet);
  const size = fragment ?? content.length;
  const starts = Array.from(
    { length: Math.max(1, Math.ceil(content.length / size)) },
    (_, index) => index * size,
  );
  return starts.map((offset) => {
    const part = { offset, more: offset + size < content.length };
    const ip = ipHeader(packet, { source, destination }, content.subarray(offset, offset + size), part);
    return Buffer.concat([ethernet, ip]);
  });
}

function ends(packet: Packet): { readonly source: string; readonly destination: string } {
  return packet.kind === 'icmp'
    ? { source: packet.from, destination: packet.to }
    : { source: packet.from.address, destination: packet.to.address };
}

function protocolOf({ kind }: Packet, source: string): number {
  if (kind === 'icmp') return isIpv6(source) ? protocolNumbers.icmpv6 : protocolNumbers.icmp;
  return protocolNumbers[kind];
}

type IpEnds = { readonly source: string; readonly destination: string };

function ipHeader(packet: Packet, between: IpEnds, content: Buffer, part: Part): Buffer {
  const protocol = protocolOf(packet, between.source);
  const build = isIpv6(between.source) ? ipv6Packet : ipv4Packet;
  return build(packet, between, protocol, content, part);
}

function ipv4Packet(
  { ttl = 64, tos = 0, dontFragment = false }: Header,
  { source, destination }: IpEnds,
  protocol: number,
  content: Buffer,
  { offset, more }: Part,
): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt8(tos, 1);
  header.writeUInt16BE(20 + content.length, 2);
  header.writeUInt16BE(0x4242, 4);
  header.writeUInt16BE((dontFragment ? 0x4000 : 0) | (more ? 0x2000 : 0) | (offset / 8), 6);
  header.writeUInt8(ttl, 8);
  header.writeUInt8(protocol, 9);
  addressBytes(source).copy(header, 12);
  addressBytes(destination).copy(header, 16);
  header.writeUInt16BE(internetChecksum(header), 10);
  return Buffer.concat([header, content]);
}

function ipv6Packet(
  { ttl = 64, tos = 0 }: Header,
  { source, destination }: IpEnds,
  protocol: number,
  content: Buffer,
  { offset, more }: Part,
): Buffer {
  const fragmented = more || offset > 0;
  const extension = fragmented ? Buffer.from([protocol, 0, 0, 0, 0, 0, 0x42, 0x42]) : Buffer.alloc(0);
  if (fragmented) extension.writeUInt16BE(offset | (more ? 1 : 0), 2);
  const header = Buffer.alloc(40);
  header.writeUInt32BE(((6 << 28) | (tos << 20)) >>> 0, 0);
  header.writeUInt16BE(extension.length + content.length, 4);
  header.writeUInt8(fragmented ? ipv6Fragment : protocol, 6);
  header.writeUInt8(ttl, 7);
  addressBytes(source).copy(header, 8);
  addressBytes(destination).copy(header, 24);
  return Buffer.concat([header, extension, content]);
}

function transportBytes(packet: Packet): Buffer {
  switch (packet.kind) {
    case 'tcp': {
      const bits = [...packet.flags].reduce(
        (sum, flag) => sum | (1 << (tcpFlags as readonly string[]).indexOf(flag)),
        0,
      );
      const header = Buffer.alloc(20);
      ports(packet, header);
      header.writeUInt32BE(1000, 4);
      header.writeUInt32BE(bits & 16 ? 2000 : 0, 8);
      header.writeUInt16BE(0x5000 | bits, 12);
      header.writeUInt16BE(8192, 14);
      return summed(packet, Buffer.concat([header, filler(packet.payload)]), 16);
    }
    case 'udp': {
      const content = Buffer.concat([sipText(packet.callId), filler(packet.payload)]);
      const header = Buffer.alloc(8);
      ports(packet, header);
      header.writeUInt16BE(8 + content.length, 4);
      return summed(packet, Buffer.concat([header, content]), 6);
    }
    case 'sctp': {
      const header = Buffer.alloc(12);
      ports(packet, header);
      header.writeUInt32BE(0x01020304, 4);
      const all = Buffer.concat([header, ...packet.chunks.map((name) => chunk(chunkTypes[name]))]);
      all.writeUInt32LE(crc32c(all), 8);
      return all;
    }
    case 'icmp':
      return icmpBytes(packet);
  }
}

function ports({ from, to }: Transport, header: Buffer): void {
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
}

/** Of 16 bytes, which is enough for a checker of lengths. */
function chunk(type: number): Buffer {
  const bytes = Buffer.alloc(type === chunkTypes.INIT || type === chunkTypes['INIT-ACK'] ? 20 : 16, 1);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt8(type === chunkTypes.DATA ? 3 : 0, 1);
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
}

/** As much of a request as a Call-ID needs around it (RFC 3261 section 7). */
function sipText(callId: string | undefined): Buffer {
  const lines = ['INVITE sip:bob@example.org SIP/2.0', `Call-ID: ${callId}`, '', ''];
  return Buffer.from(callId === undefined ? '' : lines.join('\r\n'));
}

function filler(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 7) & 0xff));
}

function summed(packet: Transport, bytes: Buffer, at: number): Buffer {
  const { source, destination } = ends(packet);
  const sum = internetChecksum(
    pseudoHeader(source, destination, protocolOf(packet, source), bytes.length),
    bytes,
  );
  bytes.writeUInt16BE(packet.kind === 'udp' && sum === 0 ? 0xffff : sum, at);
  return bytes;
}

/** What transport checksums cover besides the transport (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export function pseudoHeader(source: string, destination: string, protocol: number, length: number): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeUInt32BE(length, 0);
  tail.writeUInt32BE(protocol, 4);
  return Buffer.concat([addressBytes(source), addressBytes(destination), tail]);
}

/** Quotes as much of the packet as fits into 576 bytes (RFC 1812 section 4.3.2.3) or 1280 (RFC 4443 section 2.4). */
function icmpBytes({ from, to, type, code, about }: IcmpError): Buffer {
  const content = transportBytes(about);
  const original = ipHeader(
    { ...about, ttl: 57 },
    { source: about.from.address, destination: about.to.address },
    content,
    whole,
  );
  const room = isIpv6(from) ? 1280 - 48 : 576 - 28;
  const message = Buffer.concat([Buffer.from([type, code, 0, 0, 0, 0, 0, 0]), original.subarray(0, room)]);
  if (isIpv6(from) ? type === 2 : type === 3 && code === 4) message.writeUInt32BE(1400, 4);
  const pseudo = isIpv6(from)
    ? pseudoHeader(from, to, protocolNumbers.icmpv6, message.length)
    : Buffer.alloc(0);
  message.writeUInt16BE(internetChecksum(pseudo, message), 2);
  return message;
}
