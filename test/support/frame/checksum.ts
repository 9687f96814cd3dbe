/** Checksums: the Internet's (RFC 1071) and SCTP's CRC32c (RFC 9260 appendix A). Pure. */

/** The sum of 16-bit words, an odd last octet filled up with 0, added to `sum`. Not yet folded. */
export function sumWords(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let total = sum;
  let at = from;
  for (; at + 1 < to; at += 2) total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (at < to) total += (bytes[at] ?? 0) << 8;
  return total;
}

/** The checksum that a sum of words gives. */
export function folded(sum: number): number {
  let total = sum;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}

/** The internet checksum of bytes whose own checksum field is 0. */
export function checksum(bytes: Uint8Array): number {
  return folded(sumWords(bytes, 0, bytes.length));
}

const crcTable = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC32c, as it is stored when written in little-endian order. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}
