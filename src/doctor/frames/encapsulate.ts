/** Tunnels as the data plane makes them: ipip, GUE, GRE, either family in either. Pure. */

import type { Tunnel } from '../../ipvs/service.ts';
import { type Ends, ethertypes, ip, packetFamily, protocols } from './build.ts';
import { checksum, concat, pseudoHeader } from './checksum.ts';

const gueSourcePort = 33434;
const greHasChecksum = 0x8000;

/** The packet inside a tunnel from the director to the real server. */
export function encapsulate(
  packet: Uint8Array,
  ends: Ends,
  { type, port, checksum: sums }: Tunnel,
): Uint8Array {
  const inner = packetFamily(packet) === 6 ? protocols.ipv6 : protocols.ipip;
  switch (type) {
    case 'ipip':
      return ip(ends, inner, packet);
    case 'gue':
      return ip(ends, protocols.udp, gue(packet, ends, inner, port, sums !== 'nocsum'));
    case 'gre':
      return ip(ends, protocols.gre, gre(packet, sums === 'csum'));
  }
}

/** draft-ietf-intarea-gue: version 0, a data message, no extensions. */
function gue(
  packet: Uint8Array,
  { from, to }: Ends,
  inner: number,
  port: number,
  summed: boolean,
): Uint8Array {
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint16(0, gueSourcePort);
  view.setUint16(2, port);
  view.setUint16(4, header.length + packet.length);
  view.setUint8(9, inner);
  const whole = concat(header, packet);
  if (summed) {
    const sum = checksum(pseudoHeader(from, to, protocols.udp, whole.length), whole);
    new DataView(whole.buffer).setUint16(6, sum === 0 ? 0xffff : sum);
  }
  return whole;
}

/** RFC 2784. */
function gre(packet: Uint8Array, summed: boolean): Uint8Array {
  const header = new Uint8Array(summed ? 8 : 4);
  const view = new DataView(header.buffer);
  view.setUint16(0, summed ? greHasChecksum : 0);
  view.setUint16(2, packetFamily(packet) === 6 ? ethertypes.ipv6 : ethertypes.ipv4);
  const whole = concat(header, packet);
  if (summed) new DataView(whole.buffer).setUint16(4, checksum(whole));
  return whole;
}
