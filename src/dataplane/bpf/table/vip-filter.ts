/**
 * The bits of `vip_filter` (bpf/include/abi/service.h): which addresses a packet need not be directed for at all.
 * Before a commit they say at least what holds before and after it, as hints do. Pure.
 */

import type { Address } from '../../../ipvs/address.ts';
import { addressToWords } from '../codec/address.ts';

/** How many addresses have each bit; those of none are absent. */
export type VipFilter = Map<number, number>;

/** A word of the map. */
export type FilterWord = readonly [index: number, value: { readonly value: bigint }];

const wordBits = 64;
const factor = 0x9e3779b1;

/** The bit of an address. */
export function filterBit(address: Address): number {
  const { word } = addressToWords(address);
  const folded = word.reduce((sum, each) => sum ^ each, 0);
  return Math.imul(folded, factor) >>> 16;
}

/** With these addresses in it as well. */
export function addTo(filter: VipFilter, addresses: Iterable<Address>): void {
  for (const address of addresses) {
    const bit = filterBit(address);
    filter.set(bit, (filter.get(bit) ?? 0) + 1);
  }
}

/** Without these, which were in it. */
export function takeFrom(filter: VipFilter, addresses: Iterable<Address>): void {
  for (const address of addresses) {
    const bit = filterBit(address);
    const left = (filter.get(bit) ?? 0) - 1;
    if (left > 0) filter.set(bit, left);
    else filter.delete(bit);
  }
}

/** The words that these addresses have their bits in, as they are with the addresses that come and go. */
export function filterWords(
  filter: ReadonlyMap<number, number>,
  { comes = [], goes = [] }: { readonly comes?: readonly Address[]; readonly goes?: readonly Address[] },
): readonly FilterWord[] {
  const bits: VipFilter = new Map();
  const indexes = new Set([...comes, ...goes].map((address) => Math.floor(filterBit(address) / wordBits)));
  for (const index of indexes) {
    for (let bit = index * wordBits; bit < (index + 1) * wordBits; bit++) {
      const count = filter.get(bit);
      if (count !== undefined) bits.set(bit, count);
    }
  }
  addTo(bits, comes);
  takeFrom(bits, goes);
  return [...indexes].map((index) => [index, { value: wordOf(bits, index) }]);
}

/** The word at this index. */
export function wordOf(filter: ReadonlyMap<number, number>, index: number): bigint {
  let word = 0n;
  for (let bit = 0; bit < wordBits; bit++) if (filter.has(index * wordBits + bit)) word |= 1n << BigInt(bit);
  return word;
}
