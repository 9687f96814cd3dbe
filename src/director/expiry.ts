/**
 * When the connection table is swept: once a second, before each listing so that it shows exact counts, and
 * seldomer where the table is so large that a sweep takes long.
 */

import type { DataPlane } from '../dataplane/dataplane.ts';
import type { SweepFigures } from '../metrics/snapshot.ts';

/** A sweep may take a fiftieth of one CPU's time. */
const restPerWork = 50;
const shortestRest = 1000;
/** A listing does not wait for a sweep that is longer: that is a table of some three million entries. */
const listingPatience = 1000;

/** Both in milliseconds. */
export type Clocks = {
  /** Monotonic. */
  now(): number;
  /** What this process has had of the CPUs: a sweep on a busy machine lasts long, and costs no more for it. */
  worked(): number;
};

export type Expiry = {
  /** Sweeps if it is time. To be called a few times a second. */
  tick(): void;
  /** Sweeps, unless that would take too long. Listings in a loop spend half of their time on it at most. */
  beforeListing(): void;
  /** Of all sweeps so far. */
  sweeps(): SweepFigures;
};

export function createExpiry(plane: Pick<DataPlane, 'sweep'>, { now, worked }: Clocks): Expiry {
  let ended = Number.NEGATIVE_INFINITY;
  let cost = 0;
  let [count, total] = [0, 0];
  const sweep = (): void => {
    const before = worked();
    plane.sweep();
    cost = worked() - before;
    ended = now();
    count++;
    total += cost;
  };
  return {
    tick: () => {
      if (now() - ended >= Math.max(shortestRest, cost * restPerWork)) sweep();
    },
    beforeListing: () => {
      if (cost <= listingPatience && now() - ended >= cost) sweep();
    },
    sweeps: () => ({ count, cpuSeconds: total / 1000, ageSeconds: (now() - ended) / 1000 }),
  };
}
