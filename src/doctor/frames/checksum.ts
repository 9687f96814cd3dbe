/** The Internet checksum (RFC 1071), also over what transports cover also themselves. Pure. */

import { type Address, addressToBytes } from '../../ipvs/address.ts';

/** Ones' complement of the sum of 16-bit words, each part padded to whole ones. */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** RFC 9293 section 3.1 and RFC 8200 section 8.1; sums up alike in both families. */
export function pseudoHeader(from: Address, to: Address, protocol: number, length: number): Uint8Array {
  const tail = new Uint8Array(8);
  const view = new DataView(tail.buffer);
  view.setUint32(0, length);
  view.setUint32(4, protocol);
  return concat(addressToBytes(from), addressToBytes(to), tail);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
