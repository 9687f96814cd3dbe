/**
 * When the connection table is swept: once a second, before each listing so that it shows exact counts, and
 * seldomer where the table is so large that a sweep takes long.
 */

import type { DataPlane } from '../dataplane/dataplane.ts';

/** A sweep may take a fiftieth of one CPU's time. */
const restPerWork = 50;
const shortestRest = 1000;
/** A listing waits for a sweep this long at most, and takes one this old. */
const listingPatience = 100;

export type Expiry = {
  /** Sweeps if it is time. To be called a few times a second. */
  tick(): void;
  /** Sweeps unless that has just been done, or would take too long. */
  beforeListing(): void;
};

/** `now` is in milliseconds. */
export function createExpiry(plane: Pick<DataPlane, 'sweep'>, now: () => number): Expiry {
  let ended = Number.NEGATIVE_INFINITY;
  let took = 0;
  const sweep = (): void => {
    const began = now();
    plane.sweep();
    ended = now();
    took = ended - began;
  };
  return {
    tick: () => {
      if (now() - ended >= Math.max(shortestRest, took * restPerWork)) sweep();
    },
    beforeListing: () => {
      if (now() - ended >= listingPatience && took <= listingPatience) sweep();
    },
  };
}
