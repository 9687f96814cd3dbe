/** dh: real servers by the packet's destination address (ip_vs_dh.c). BPF does the same: bpf/lib/schedule/dh.h. */

import type { Address } from '../address.ts';
import { foldAddress, multiplyHash } from './fold.ts';

/** Places of the table: CONFIG_IP_VS_DH_TAB_BITS=8. */
const destinationHashSize = 256;

/** The table: real servers in turn, in list order (newest first), whatever they weigh. All 0 for an empty list. */
export function destinationHashTable(destinations: readonly { readonly slot: number }[]): number[] {
  return Array.from(
    { length: destinationHashSize },
    (_, place) => destinations[place % destinations.length]?.slot ?? 0,
  );
}

/** Where the real server for a destination address stands. */
export function destinationHashPlace(virtual: Address): number {
  return multiplyHash(foldAddress(virtual));
}
