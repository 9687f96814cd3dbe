/**
 * SipHash-1-3 of one 32-bit number, cut to 32 bits: the kernel's hsiphash() on 64-bit machines.
 * J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input PRF.
 */

type State = readonly [bigint, bigint, bigint, bigint];

const word = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => word(value << bits) | (value >> (64n - bits));

function round([a, b, c, d]: State): State {
  const a1 = word(a + b);
  const c1 = word(c + d);
  const b1 = rotate(b, 13n) ^ a1;
  const d1 = rotate(d, 16n) ^ c1;
  const c2 = word(c1 + b1);
  const a2 = word(rotate(a1, 32n) + d1);
  return [a2, rotate(b1, 17n) ^ c2, rotate(c2, 32n), rotate(d1, 21n) ^ a2];
}

/** `value` is taken as four octets, lowest first; both halves of the key are `key`. Unsigned 32 bits. */
export function siphash13(value: number, key: bigint): number {
  const block = (4n << 56n) | BigInt(value >>> 0);
  const [a, b, c, d] = round([
    0x736f6d6570736575n ^ key,
    0x646f72616e646f6dn ^ key,
    0x6c7967656e657261n ^ key,
    0x7465646279746573n ^ key ^ block,
  ]);
  const end = round(round(round([a ^ block, b, c ^ 0xffn, d])));
  return Number(BigInt.asUintN(32, end[0] ^ end[1] ^ end[2] ^ end[3]));
}
