/**
 * mh: Maglev hashing (ip_vs_mh.c; Eisenbud et al.: Maglev, NSDI 2016). BPF does the same: bpf/lib/schedule/mh.h.
 *
 * Each real server prefers the table's places in an order of its own, and they take turns at choosing. So when
 * one comes or goes, most places stay whose they were.
 */

import type { Address, Family, Port } from '../address.ts';
import { maxWeightOf, weightGcd } from '../weights.ts';
import { foldAddress } from './fold.ts';
import { siphash13 } from './siphash.ts';

/** Places of the table, a prime: CONFIG_IP_VS_MH_TAB_INDEX=12. */
const maglevSize = 4093;

const placeKey = 2654435761n;
const skipKey = 2654446892n;
/** Half of CONFIG_IP_VS_MH_TAB_INDEX: the heaviest has fewer turns a round than 2 to the power of this. */
const turnBits = 6;

export type MaglevDestination = {
  readonly slot: number;
  readonly address: Address;
  readonly port: Port | number;
  /**
   * The weight it was added with, or the last one above 0 that an edit gave it since. A quiesced real server thus
   * keeps its places, and the others their clients; one added with weight 0 has none until it gets a weight.
   */
  readonly lastWeight: number;
};

/**
 * The table of a service of this family, for real servers in list order (newest first). All 0 when nobody has ever had
 * a weight.
 */
export function maglevTable(destinations: readonly MaglevDestination[], family: Family): number[] {
  const table = Array<number>(maglevSize).fill(0);
  const turnsOf = turnsBy(destinations);
  const choosers = destinations
    .map((destination) => ({
      slot: destination.slot,
      turns: turnsOf(destination.lastWeight),
      ...preferences(destination, family),
    }))
    .filter(({ turns }) => turns > 0);
  let left = choosers.length > 0 ? maglevSize : 0;
  while (left > 0) {
    for (const chooser of choosers) {
      for (let turn = 0; turn < chooser.turns && left > 0; turn++, left--) {
        while (table[chooser.place] !== 0) chooser.place = (chooser.place + chooser.skip) % maglevSize;
        table[chooser.place] = chooser.slot;
      }
    }
  }
  return table;
}

/** Where a client's real server stands. `port` counts with mh-port only: 0 without. */
export function maglevPlace(client: Address, port: number): number {
  return placeOf(foldAddress(client) + port);
}

/** Where mh-fallback looks, in this order, when that one is quiesced or overloaded. */
export function* maglevFallback(client: Address, port: number): Generator<number> {
  const value = foldAddress(client) + port;
  const place = placeOf(value);
  for (let step = 0; step < maglevSize; step++) {
    yield placeOf(value + ((place + step) % maglevSize));
  }
}

function placeOf(value: number): number {
  return siphash13(value, placeKey) % maglevSize;
}

/** Where a real server begins, and how far it goes from one place it likes to the next. */
function preferences({ address, port }: MaglevDestination, family: Family) {
  const value = foldAddress(address, family) + port;
  return { place: placeOf(value), skip: (siphash13(value, skipKey) % (maglevSize - 1)) + 1 };
}

/** How many turns in a round a weight is worth: at least 1, unless it is 0. */
function turnsBy(destinations: readonly MaglevDestination[]): (weight: number) => number {
  const weights = destinations.map(({ lastWeight }) => lastWeight);
  const gcd = weightGcd(weights);
  const bits = 32 - Math.clz32(Math.floor(maxWeightOf(weights) / gcd));
  const shift = Math.max(0, bits - turnBits);
  return (weight) => (weight === 0 ? 0 : Math.max(1, Math.floor(weight / gcd) >>> shift));
}
