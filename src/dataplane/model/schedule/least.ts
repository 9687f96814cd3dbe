/**
 * What the schedulers by least load share: the choice, and the two ideas of what load is. Ties go to the first in
 * the list, the newest. As bpf/lib/schedule/least.h.
 */

import type { Destination } from '../memory.ts';

export type Load = (destination: Destination) => number;

/** wlc, lc, lblc, lblcr, twos: an active connection is as much as 256 inactive ones. */
export function overheadOf({ active, inactive }: Destination): number {
  return active * 256 + inactive;
}

/** sed, nq: the active connections as they will be, with the new one. */
export function expectedDelayOf({ active }: Destination): number {
  return active + 1;
}

function weightOf({ config }: Destination): number {
  return config.weight;
}

/** The destination with the least load for its weight. */
export function leastLoaded(
  destinations: readonly Destination[],
  load: Load,
  weight: (destination: Destination) => number = weightOf,
): Destination | undefined {
  let best: Destination | undefined;
  for (const destination of destinations) {
    if (!best || isLess(load(destination), weight(destination), load(best), weight(best))) best = destination;
  }
  return best;
}

/** load / weight < otherLoad / otherWeight, without the division. */
export function isLess(load: number, weight: number, otherLoad: number, otherWeight: number): boolean {
  const [mine, other] = [load * otherWeight, otherLoad * weight];
  if (Number.isSafeInteger(mine) && Number.isSafeInteger(other)) return mine < other;
  return BigInt(load) * BigInt(otherWeight) < BigInt(otherLoad) * BigInt(weight);
}
