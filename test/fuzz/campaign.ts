/** Case after case, until a difference or the end. What one process of the fuzzer does. */

import type { Player } from '../support/player.ts';
import { generateCase } from './generate/steps.ts';
import type { Options } from './options.ts';
import { type Difference, type Played, playBoth } from './play.ts';
import { shrink } from './shrink.ts';
import type { Case } from './step.ts';

export type Players = {
  /** The data plane in the kernel, with this hook in front. */
  readonly kernel: (hook: Case['hook']) => Player;
  readonly model: (hook: Case['hook']) => Player;
  /** Runs an action where the first one's packets come in. */
  readonly inside: <T>(action: () => T) => T;
};

export type Found = { readonly seed: string; readonly case: Case; readonly difference: Difference };

export type Report = { readonly configurations: number; readonly packets: number; readonly found?: Found };

/**
 * Configurations `first`, `first + stride`, … of the seed. `tell` hears of each one that was played; it answers
 * whether to go on.
 */
export function campaign(
  players: Players,
  { seed, configurations, packets, every, features }: Options,
  { first, stride }: { readonly first: number; readonly stride: number },
  tell: (report: Report) => boolean,
): void {
  for (let number = first; number < configurations; number += stride) {
    const own = `${seed}.${number}`;
    const generated = generateCase(own, { packets, features });
    const played = play(players, generated, every);
    const found = played.difference && { seed: own, ...smallest(players, generated, played.difference) };
    if (!tell({ configurations: 1, packets: played.packets, ...(found && { found }) })) return;
  }
}

/** What a case comes to. An exception is a difference, too. */
export function play({ kernel, model, inside }: Players, given: Case, every: number): Played {
  try {
    return inside(() => playBoth(given, kernel(given.hook), model(given.hook), every));
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      packets: 0,
      difference: { step: given.steps.length - 1, what: 'exception', ours: what, theirs: '' },
    };
  }
}

/** Milliseconds. */
const longestShrink = 60_000;

/** As small as it gets; the whole where it is not seen a second time: then something of an earlier case is left over. */
function smallest(players: Players, failing: Case, first: Difference): Omit<Found, 'seed'> {
  const until = performance.now() + longestShrink;
  const fails = (candidate: Case): number | undefined =>
    performance.now() > until ? undefined : play(players, candidate, 1).difference?.step;
  if (fails(failing) === undefined)
    return { case: failing, difference: { ...first, what: `${first.what}, once` } };
  const small = shrink(failing, fails);
  return { case: small, difference: play(players, small, 1).difference ?? first };
}
