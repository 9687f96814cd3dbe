/**
 * `test` for what needs a bench: it gets an empty one, or is skipped with the reason why there is none. `players` are
 * the ways in which a packet table is played: to TC, to XDP in front of it, and to the model.
 */

import { test as base } from 'vitest';
import { FairleadError } from '../../src/ipvs/errors.ts';
import { type Bench, createBench } from './bench.ts';
import { modelPlayer } from './model-player.ts';
import type { Hook, Player } from './player.ts';
import { obstacle } from './privileged.ts';
import { kernelPlayer } from './send.ts';

export type Players = Readonly<Record<Hook, Player>>;

export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures it is to give from this pattern
  .extend('standing', { scope: 'worker' }, ({}, { onCleanup }) => {
    const standing = benchOrReason();
    if (typeof standing !== 'string') onCleanup(standing.remove);
    return standing;
  })
  .extend('bench', ({ standing, skip }, { onCleanup }) => {
    if (typeof standing === 'string') return skip(standing);
    standing.clear();
    onCleanup(standing.clear);
    return standing;
  })
  .extend(
    'players',
    ({ bench }): Players => ({
      tc: kernelPlayer(bench, 'tc'),
      xdp: kernelPlayer(bench, 'xdp'),
      model: modelPlayer(),
    }),
  );

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
