/**
 * Cutting a packet that may be fragmented (RFC 791 §3.2, RFC 8200 §4.5). As bpf/lib/forward/fragment.h.
 */

import { checksumOf, sumOf } from '../packet/checksum.ts';
import { ipv6Length } from '../packet/ip.ts';
import { copyOf, read16, write16 } from '../packet/octets.ts';
import { ethernetLength } from '../packet/packet.ts';

const offsetMask = 0x1fff;
const moreFragments = 0x2000;
const fragmentHeader = 44;
const fragmentHeaderLength = 8;
/** What is longer there is no room for. */
const mostOctets = 16_384;
const leastMtu = 128;

/** The fragments of a frame that ends with its packet; `undefined` where there is no room to cut it. */
export function cut(frame: Uint8Array, mtu: number): readonly Uint8Array[] | undefined {
  const isIpv4 = read16(frame, 12) === 0x0800;
  const network = isIpv4 ? ((frame[ethernetLength] ?? 0) & 15) * 4 : ipv6Length;
  const payload = frame.subarray(ethernetLength + network);
  const step = (mtu - network - (isIpv4 ? 0 : fragmentHeaderLength)) & ~7;
  if (payload.length >= mostOctets || mtu < leastMtu) return undefined;
  const fragments: Uint8Array[] = [];
  for (let offset = 0; offset < payload.length; offset += step) {
    const part = payload.subarray(offset, offset + step);
    const header = copyOf(frame.subarray(0, ethernetLength + network));
    const isLast = offset + part.length >= payload.length;
    fragments.push(
      isIpv4 ? ipv4Fragment(header, part, offset, isLast) : ipv6Fragment(header, part, offset, isLast),
    );
  }
  return fragments;
}

/** What is cut may be a fragment itself: then offsets go on from its own, and the last one is not the datagram's. */
function ipv4Fragment(header: Uint8Array, part: Uint8Array, offset: number, isLast: boolean): Uint8Array {
  const place = read16(header, ethernetLength + 6);
  const more = isLast ? place & moreFragments : moreFragments;
  write16(header, ethernetLength + 2, header.length - ethernetLength + part.length);
  write16(header, ethernetLength + 6, ((place & offsetMask) + offset / 8) | more);
  if (offset > 0) dropUncopiedOptions(header);
  write16(header, ethernetLength + 10, 0);
  write16(header, ethernetLength + 10, checksumOf(sumOf(header, ethernetLength)));
  return joined(header, part);
}

/** The identification, which is anything, is 0 here. */
function ipv6Fragment(header: Uint8Array, part: Uint8Array, offset: number, isLast: boolean): Uint8Array {
  const nextHeaderAt = ethernetLength + 6;
  const extension = new Uint8Array(fragmentHeaderLength);
  extension[0] = header[nextHeaderAt] ?? 0;
  write16(extension, 2, offset | (isLast ? 0 : 1));
  header[nextHeaderAt] = fragmentHeader;
  write16(header, ethernetLength + 4, extension.length + part.length);
  return joined(joined(header, extension), part);
}

const noOperation = 1;
const copied = 0x80;

/** Of the options, later fragments keep those that are to be copied. */
function dropUncopiedOptions(header: Uint8Array): void {
  let at = ethernetLength + 20;
  while (at < header.length) {
    const kind = header[at] ?? 0;
    const length = kind <= noOperation || at === header.length - 1 ? 1 : (header[at + 1] ?? 0);
    if (length === 0) return;
    if (kind > noOperation && !(kind & copied))
      header.fill(noOperation, at, Math.min(at + length, header.length));
    at += length;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
