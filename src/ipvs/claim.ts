/** Other hosts' claims to virtual addresses, as the data plane has heard them (ARP, neighbour discovery). */

import type { Address } from './address.ts';

/**
 * `question`: asked for another address in the name of this one; `announcement`: gratuitous ARP; `probe`: duplicate
 * address detection, by a host that is about to have it.
 */
export const claimKinds = ['question', 'answer', 'announcement', 'probe'] as const;
export type ClaimKind = (typeof claimKinds)[number];

export type AddressClaim = {
  readonly vip: Address;
  readonly mac: string;
  /** Where it was heard; its number, where it has gone since. */
  readonly interface: string;
  readonly kinds: readonly ClaimKind[];
  readonly count: number;
  readonly firstSecondsAgo: number;
  readonly lastSecondsAgo: number;
};
