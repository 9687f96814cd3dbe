/** `test` for what needs a bench: it gets an empty one, or is skipped with the reason why there is none. */

import { test as base } from 'vitest';
import { FairleadError } from '../../src/ipvs/errors.ts';
import { type Bench, createBench } from './bench.ts';
import { obstacle } from './privileged.ts';

export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures it is to give from this pattern
  .extend('standing', { scope: 'file' }, ({}, { onCleanup }) => {
    const standing = benchOrReason();
    if (typeof standing !== 'string') onCleanup(standing.remove);
    return standing;
  })
  .extend('bench', ({ standing, skip }, { onCleanup }) => {
    if (typeof standing === 'string') return skip(standing);
    onCleanup(standing.clear);
    return standing;
  });

/** A bench, or the sentence to skip with. Anything but a missing prerequisite is an error. */
function benchOrReason(): Bench | string {
  const reason = obstacle();
  if (reason !== undefined) return reason;
  try {
    return createBench();
  } catch (error) {
    if (error instanceof FairleadError && (error.code === 'NO_BPF' || error.code === 'NO_LIBRARY')) {
      return error.message;
    }
    throw error;
  }
}
