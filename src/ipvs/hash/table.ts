/** The schedulers that have a hash table, by name: what is in it, and where they look. */

import type { Address, Family } from '../address.ts';
import type { Scheduler, SchedulerFlag } from '../schedulers.ts';
import { destinationHashPlace, destinationHashTable } from './destination-hash.ts';
import { type MaglevDestination, maglevFallback, maglevPlace, maglevTable } from './maglev.ts';
import { sourceHashFallback, sourceHashPlace, sourceHashTable } from './source-hash.ts';

export type HashedDestination = MaglevDestination & { readonly weight: number };

/**
 * The slots by hash that a service needs with this scheduler, or `undefined` if it needs none. To be computed
 * anew whenever a real server comes, goes or changes its weight. `destinations` are in list order, newest first;
 * `family` is the service's.
 */
export function hashTableOf(
  scheduler: Scheduler,
  destinations: readonly HashedDestination[],
  family: Family = 6,
): number[] | undefined {
  switch (scheduler) {
    case 'sh':
      return sourceHashTable(destinations);
    case 'mh':
      return maglevTable(destinations, family);
    case 'dh':
      return destinationHashTable(destinations);
    default:
      return undefined;
  }
}

/**
 * The places where a scheduler looks for the real server of a packet, in order: the first one that may have a
 * new connection gets it, and an empty place ends the search. `undefined` if it has no table.
 */
export function hashPlaces(
  scheduler: Scheduler,
  flags: readonly SchedulerFlag[],
  packet: { readonly client: Address; readonly clientPort: number; readonly virtual: Address },
): Iterable<number> | undefined {
  const fallback = flags.includes('flag-1');
  const port = flags.includes('flag-2') ? packet.clientPort : 0;
  switch (scheduler) {
    case 'sh':
      return after(sourceHashPlace(packet.client, port), fallback && sourceHashFallback(packet.client, port));
    case 'mh':
      return after(maglevPlace(packet.client, port), fallback && maglevFallback(packet.client, port));
    case 'dh':
      return [destinationHashPlace(packet.virtual)];
    default:
      return undefined;
  }
}

function* after(first: number, others: Iterable<number> | false): Generator<number> {
  yield first;
  if (others) yield* others;
}
