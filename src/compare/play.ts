/** Plays scenarios on both sides at once and compares what came of it. */

import { type Difference, differences } from './difference.ts';
import type { Feature } from './features.ts';
import { observe } from './observe.ts';
import { jobOf, type Played, planActions } from './plan.ts';
import type { Scenario } from './scenario.ts';
import type { Side } from './side.ts';

export type Sides = { readonly kernel: Side; readonly fairlead: Side };

export type Verdict = {
  readonly scenario: Scenario;
  /** None when both sides did the same. */
  readonly differences: readonly Difference[];
};

/** A side that could not play a scenario counts as a difference, with its own words. */
export async function play(
  { kernel, fairlead }: Sides,
  scenario: Scenario,
  options: { readonly fresh: boolean; readonly features: readonly Feature[] },
): Promise<Verdict> {
  const actions = planActions(scenario, options.features);
  const job = jobOf(scenario, actions, options);
  const [expected, found] = await Promise.all([kernel.play(job), fairlead.play(job)]);
  if ('error' in expected || 'error' in found) {
    return { scenario, differences: [broken(scenario, expected, found)] };
  }
  const [left, right] = [expected, found].map(({ answers }) => observe(scenario, actions, answers));
  return { scenario, differences: differences(left ?? [], right ?? []) };
}

function broken({ steps }: Scenario, expected: Played, found: Played): Difference {
  const words = (played: Played) =>
    'error' in played ? played.error.trim().split('\n') : ['played to its end'];
  return { step: steps.length - 1, title: 'the player', kernel: words(expected), fairlead: words(found) };
}

/** Plays many, a few at a time, in order of their numbers as far as possible; `tell` hears of each verdict. */
export async function playAll(
  scenarios: readonly Scenario[],
  atOnce: number,
  one: (scenario: Scenario) => Promise<Verdict>,
  tell: (verdict: Verdict) => void = () => {},
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < scenarios.length; index = next++) {
      const scenario = scenarios[index];
      if (!scenario) return;
      const verdict = await one(scenario);
      verdicts[index] = verdict;
      tell(verdict);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return verdicts;
}
