/** Plays scenarios on both sides at once and compares what came of it. */

import { type Difference, differences } from './difference.ts';
import type { Feature } from './features.ts';
import { observe } from './observe.ts';
import { type Action, type Answer, jobOf, planActions } from './plan.ts';
import type { Scenario } from './scenario.ts';
import type { Side } from './side.ts';

export type Sides = { readonly kernel: Side; readonly fairlead: Side };

export type Verdict = {
  readonly scenario: Scenario;
  /** None when both sides did the same. */
  readonly differences: readonly Difference[];
};

/**
 * Fairlead, which is faster, keeps the kernel's pace: what expires meanwhile has expired on both sides. A side that
 * could not play a scenario counts as a difference, with its own words.
 */
export async function play(
  { kernel, fairlead }: Sides,
  scenario: Scenario,
  options: { readonly fresh: boolean; readonly features: readonly Feature[] },
): Promise<Verdict> {
  const actions = planActions(scenario, options.features);
  const job = jobOf(scenario, actions, { ...options, fresh: options.fresh || counts(scenario) });
  const expected = await kernel.play(job);
  if ('error' in expected) return broken(scenario, 'kernel', expected.error);
  const found = await fairlead.play({ ...job, pace: paceOf(job.steps, expected.answers) });
  if ('error' in found) return broken(scenario, 'fairlead', found.error);
  const [left, right] = [expected, found].map(({ answers }) => observe(scenario, actions, answers));
  return { scenario, differences: differences(left ?? [], right ?? []) };
}

/** The guest takes its time for a command, and looks at its end; a packet is there as soon as it is sent. */
function paceOf(steps: readonly Action[], answers: readonly Answer[]): readonly number[] {
  return steps.map(({ kind }, index) => answers[kind === 'ipvsadm' ? index : index - 1]?.at ?? 0);
}

/** The director counts on from one scenario to the next where drop_packet is at work. */
function counts({ steps }: Scenario): boolean {
  return steps.some((step) => step.kind === 'sysctl' && step.name === 'drop_packet');
}

function broken(scenario: Scenario, side: keyof Sides, error: string): Verdict {
  const step = scenario.steps.length - 1;
  const words = { kernel: ['played to its end'], fairlead: [], [side]: error.trim().split('\n') };
  return { scenario, differences: [{ step, title: 'the player', ...words }] };
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
