/** The Internet checksum (RFC 1071), reckoned in whole and after a change (RFC 1624); SCTP's CRC32c (RFC 9260 §6.8). */

import type { Address } from '../../../ipvs/address.ts';
import { octetsOf, read16 } from './octets.ts';

/** The sum of 16-bit words, not yet folded; an odd last octet is padded with 0. */
export function sumOf(octets: Uint8Array, start = 0, end = octets.length): number {
  let sum = 0;
  for (let at = start; at < end - 1; at += 2) sum += read16(octets, at);
  return (end - start) % 2 === 0 ? sum : sum + ((octets[end - 1] ?? 0) << 8);
}

export function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest % 0x10000) + Math.floor(rest / 0x10000);
  return rest;
}

export function checksumOf(sum: number): number {
  return ~folded(sum) & 0xffff;
}

/** RFC 1624, eqn. 3. `before` and `after` are sums of the words that changed. */
export function checksumAfter(checksum: number, before: number, after: number): number {
  return checksumOf((~checksum & 0xffff) + (~folded(before) & 0xffff) + folded(after));
}

export function addressSum(address: Address): number {
  return sumOf(octetsOf(address));
}

/** What TCP, UDP and ICMPv6 cover besides their own octets: RFC 768, RFC 8200 §8.1. */
export function pseudoHeaderSum(source: Address, target: Address, protocol: number, length: number): number {
  return addressSum(source) + addressSum(target) + protocol + folded(length);
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value >>> 0;
});

/** CRC32c, as the number whose octets SCTP writes lowest first. */
export function crc32c(octets: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of octets) crc = (crc >>> 8) ^ (castagnoli[(crc ^ octet) & 0xff] ?? 0);
  return ~crc >>> 0;
}
