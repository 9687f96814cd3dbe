/** An address as the one number that hashes are made of, and the hash of sh and dh. */

import { type Address, addressToBytes, type Family } from '../address.ts';

/**
 * The address as one number: the XOR of IPv6's four words. A service of IPv4 looks at the first word only, though its
 * real servers may be reached by IPv6 (in a tunnel).
 */
export function foldAddress(address: Address, family: Family = 6): number {
  const view = new DataView(addressToBytes(address).buffer);
  let folded = 0;
  for (let at = 0; at < (family === 4 ? 4 : view.byteLength); at += 4) folded ^= view.getUint32(at);
  return folded >>> 0;
}

/** The kernel's hash_32(value, 8), by which sh and dh find a place: the highest bits of a product with the golden ratio. */
export function multiplyHash(value: number): number {
  return Math.imul(value, 0x61c88647) >>> 24;
}
