/** sh: real servers by the client's address (ip_vs_sh.c). BPF does the same: bpf/lib/schedule/sh.h. */

import type { Address } from '../address.ts';
import { foldAddress, multiplyHash } from './fold.ts';

/** Places of the table: CONFIG_IP_VS_SH_TAB_BITS=8. */
const sourceHashSize = 256;

/**
 * The table: in list order (newest first) each real server takes as many places as it weighs, one if that is 0,
 * over and over. All 0 for an empty list.
 */
export function sourceHashTable(
  destinations: readonly { readonly slot: number; readonly weight: number }[],
): number[] {
  let at = 0;
  let taken = 0;
  return Array.from({ length: sourceHashSize }, () => {
    const destination = destinations[at];
    if (!destination) return 0;
    if (++taken >= destination.weight) {
      at = (at + 1) % destinations.length;
      taken = 0;
    }
    return destination.slot;
  });
}

/** Where a client's real server stands. `port` counts with sh-port only: 0 without. */
export function sourceHashPlace(client: Address, port: number): number {
  return multiplyHash(foldAddress(client) + port);
}

/** Where sh-fallback looks, in this order, when that one is quiesced or overloaded. */
export function sourceHashFallback(client: Address, port: number): number[] {
  const place = sourceHashPlace(client, port);
  // So does IPVS: as many places further as the hash itself is.
  return Array.from({ length: sourceHashSize }, (_, step) => (2 * place + step) % sourceHashSize);
}
