/** `test` for what needs a bench: it gets an empty one, or is skipped with the reason why there is none. */

import { test as base } from 'vitest';
import { createBench } from './bench.ts';
import { obstacle } from './privileged.ts';

export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures it is to give from this pattern
  .extend('standing', { scope: 'file' }, ({}, { onCleanup }) => {
    if (obstacle()) return undefined;
    const bench = createBench();
    onCleanup(bench.remove);
    return bench;
  })
  .extend('bench', ({ standing, skip }, { onCleanup }) => {
    if (!standing) return skip(obstacle());
    onCleanup(standing.clear);
    return standing;
  });
