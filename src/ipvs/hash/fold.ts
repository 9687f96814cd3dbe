/** The kernel's hash_32(value, 8), by which sh and dh find a place: the highest bits of a product with the golden ratio. */
export function multiplyHash(value: number): number {
  return Math.imul(value, 0x61c88647) >>> 24;
}
