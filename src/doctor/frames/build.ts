/** The frames that probes send (RFC 826, 791, 8200, 9293, 768, 792, 4443, 4861). Pure. */

import { type Address, addressFromBytes, addressToBytes, type Family, familyOf } from '../../ipvs/address.ts';
import { checksum, concat, pseudoHeader } from './checksum.ts';
import { broadcastMac, macBytes, macText } from './mac.ts';

export const ethertypes = { arp: 0x0806, ipv4: 0x0800, ipv6: 0x86dd } as const;
export const protocols = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  icmpv6: 58,
  sctp: 132,
} as const;
export const tcpFlags = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export type Ends = { readonly from: Address; readonly to: Address };
export type Ports = { readonly sourcePort: number; readonly port: number };

const ttl = 64;
/** Neighbour discovery is only believed with it: no router has passed the packet on (RFC 4861 section 7.1). */
const ndHopLimit = 255;

/** An Ethernet frame around an IP packet. */
export function ethernet(from: string, to: string, packet: Uint8Array): Uint8Array {
  const ethertype = (packet[0] ?? 0) >> 4 === 6 ? ethertypes.ipv6 : ethertypes.ipv4;
  return concat(macBytes(to), macBytes(from), Uint8Array.of(ethertype >> 8, ethertype & 0xff), packet);
}

/** Who has `target`? Asked in the name of an address of our own. */
export function arpRequest(mac: string, sender: Address, target: Address): Uint8Array {
  const head = Uint8Array.of(0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, 1);
  const question = concat(macBytes(mac), addressToBytes(sender), new Uint8Array(6), addressToBytes(target));
  return concat(macBytes(broadcastMac), macBytes(mac), head, question);
}

/** An address is ours: to all hosts, whichever of the two forms they heed. */
export function gratuitousArp(mac: string, address: Address, form: 'request' | 'reply'): Uint8Array {
  const head = Uint8Array.of(0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, form === 'request' ? 1 : 2);
  const target = form === 'request' ? new Uint8Array(6) : macBytes(broadcastMac);
  const bytes = addressToBytes(address);
  return concat(macBytes(broadcastMac), macBytes(mac), head, macBytes(mac), bytes, target, bytes);
}

/** The same in IPv6, to the group of all nodes; it overrides what they know (RFC 4861 section 4.4). */
export function neighbourAdvertisement(mac: string, address: Address): Uint8Array {
  const message = concat(
    Uint8Array.of(136, 0, 0, 0, 0x20, 0, 0, 0),
    addressToBytes(address),
    Uint8Array.of(2, 1),
    macBytes(mac),
  );
  const ends = { from: address, to: 'ff02::1' as Address };
  summed(message, 2, ends, protocols.icmpv6);
  return ethernet(mac, '33:33:00:00:00:01', ip(ends, protocols.icmpv6, message, ndHopLimit));
}

/** Who has an IPv6 address: a neighbour solicitation to the target's solicited-node group (RFC 4861 section 4.3). */
export function neighbourSolicitation(mac: string, sender: Address, target: Address): Uint8Array {
  const bytes = addressToBytes(target);
  const group = concat(solicitedNodePrefix, bytes.subarray(13));
  const message = concat(Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0), bytes, Uint8Array.of(1, 1), macBytes(mac));
  const ends = { from: sender, to: addressFromBytes(group) };
  summed(message, 2, ends, protocols.icmpv6);
  const groupMac = macText(concat(Uint8Array.of(0x33, 0x33), group.subarray(12)));
  return ethernet(mac, groupMac, ip(ends, protocols.icmpv6, message, ndHopLimit));
}

const solicitedNodePrefix = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff);

export type Segment = Ports & { readonly flags: number; readonly sequence: number };

export function tcp(ends: Ends, { sourcePort, port, flags, sequence }: Segment): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, port);
  view.setUint32(4, sequence);
  view.setUint16(12, 0x5000 | flags);
  view.setUint16(14, 1024);
  summed(header, 16, ends, protocols.tcp);
  return ip(ends, protocols.tcp, header);
}

/** Without a payload. */
export function udp(ends: Ends, { sourcePort, port }: Ports): Uint8Array {
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, port);
  view.setUint16(4, header.length);
  summed(header, 6, ends, protocols.udp);
  if (view.getUint16(6) === 0) view.setUint16(6, 0xffff);
  return ip(ends, protocols.udp, header);
}

/** An echo request of either family. */
export function echo(ends: Ends, id: number, sequence: number): Uint8Array {
  const isIpv6 = familyOf(ends.from) === 6;
  const message = new Uint8Array(16);
  const view = new DataView(message.buffer);
  view.setUint8(0, isIpv6 ? 128 : 8);
  view.setUint16(4, id);
  view.setUint16(6, sequence);
  if (isIpv6) summed(message, 2, ends, protocols.icmpv6);
  else view.setUint16(2, checksum(message));
  return ip(ends, isIpv6 ? protocols.icmpv6 : protocols.icmp, message);
}

/** An IP packet of the addresses' family, without options. */
export function ip(ends: Ends, protocol: number, content: Uint8Array, hops = ttl): Uint8Array {
  return familyOf(ends.from) === 6
    ? ipv6(ends, protocol, content, hops)
    : ipv4(ends, protocol, content, hops);
}

function ipv4({ from, to }: Ends, protocol: number, content: Uint8Array, hops: number): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, header.length + content.length);
  view.setUint16(6, 0x4000); // not to be fragmented: then no id is needed (RFC 6864)
  view.setUint8(8, hops);
  view.setUint8(9, protocol);
  header.set(addressToBytes(from), 12);
  header.set(addressToBytes(to), 16);
  view.setUint16(10, checksum(header));
  return concat(header, content);
}

function ipv6({ from, to }: Ends, protocol: number, content: Uint8Array, hops: number): Uint8Array {
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setUint32(0, 6 << 28);
  view.setUint16(4, content.length);
  view.setUint8(6, protocol);
  view.setUint8(7, hops);
  header.set(addressToBytes(from), 8);
  header.set(addressToBytes(to), 24);
  return concat(header, content);
}

/** Writes the checksum of a transport header, whose field is zero until then. */
function summed(bytes: Uint8Array, at: number, { from, to }: Ends, protocol: number): void {
  const sum = checksum(pseudoHeader(from, to, protocol, bytes.length), bytes);
  new DataView(bytes.buffer).setUint16(at, sum);
}

/** The family of an IP packet. */
export function packetFamily(packet: Uint8Array): Family {
  return (packet[0] ?? 0) >> 4 === 6 ? 6 : 4;
}
