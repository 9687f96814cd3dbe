/**
 * Makes a director what a configuration asks for: one transaction, which a director makes as a whole or not at all. The
 * same for a command, which reaches its director by the API, and for a daemon, which is one.
 */

import { type ErrorCode, FairleadError } from '../ipvs/errors.ts';
import { ruleWords } from '../ipvs/mark-rule-words.ts';
import { type Call, callOf } from './calls.ts';
import type { Configuration, Running } from './configuration.ts';
import { differenceByPieces } from './diff.ts';
import { explain } from './explain.ts';
import type { Step } from './step.ts';

/** The first of the steps that was refused, by its place from 0; without one, all of them together were. */
export type Refused = { readonly index?: number; readonly code: string; readonly detail?: string };

/** What runs, and by which tag it is known. */
export type Seen = { readonly running: Running; readonly tag: string };

export type Target = {
  look(): Promise<Seen>;
  /** Does what is long in pieces; whoever has nobody to wait for him does it as a whole. */
  work<T>(pieces: Generator<void, T>): Promise<T>;
  /** All of them, or none. With a tag they are made to that configuration or refused (CONFIGURATION_CHANGED). */
  transact(calls: readonly Call[], tag: string | undefined): Promise<{ readonly refused: null | Refused }>;
};

/** Refusals of something that was there, or not, when the difference was looked for. */
const overtaken: readonly string[] = [
  'CONFIGURATION_CHANGED' satisfies ErrorCode,
  ...(['SERVICE_EXISTS', 'SERVICE_NOT_FOUND', 'SERVICE_NOT_DEFINED'] satisfies ErrorCode[]),
  ...(['DESTINATION_EXISTS', 'DESTINATION_NOT_FOUND'] satisfies ErrorCode[]),
];
const attempts = 5;

/**
 * If somebody changes something between looking and doing, it is looked at again. Where that goes on and on, as with health
 * checks that move weights, the last attempt is made to whatever there is then: a change that no longer fits is refused.
 *
 * Answers what had to be done. Throws the first refusal, and nothing is done.
 */
export async function applyConfiguration(
  target: Target,
  configuration: Configuration,
): Promise<readonly Step[]> {
  for (let attempt = 1; ; attempt++) {
    const { running, tag } = await target.look();
    const steps = await target.work(differenceByPieces(running, configuration));
    if (steps.length === 0) return steps;
    const isLast = attempt === attempts;
    const { refused } = await target
      .transact(steps.map(callOf), isLast ? undefined : tag)
      .catch(changedMeanwhile);
    if (!refused) return steps;
    if (overtaken.includes(refused.code) && !isLast) continue;
    throw refusalOf(steps, refused);
  }
}

function changedMeanwhile(error: unknown): { readonly refused: Refused } {
  if (error instanceof FairleadError && error.code === 'CONFIGURATION_CHANGED')
    return { refused: { code: error.code } };
  throw error;
}

/** What is said of it. */
function refusalOf(steps: readonly Step[], { index, code, detail }: Refused): FairleadError {
  const at = index === undefined ? undefined : steps[index];
  const what =
    at &&
    `at ${explain([at], (rule) => ruleWords(rule).join(' '))
      .join(' ')
      .trim()}`;
  const said = [detail, what, 'nothing was changed'].filter(Boolean).join('; ');
  return new FairleadError(code as ErrorCode, said);
}
