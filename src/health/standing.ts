/** How many answers it takes to change one's mind: rise and fall. Pure. */

import type { SingleCheck } from './check.ts';

export type Verdict = 'up' | 'down';

export type Standing = {
  /** None before enough answers have come. */
  readonly verdict?: Verdict;
  /** The last answer, and how many of its kind came in a row. */
  readonly isOk: boolean;
  readonly inARow: number;
};

export const unasked: Standing = { isOk: true, inARow: 0 };

/** `rise` good answers in a row make it up, `fall` bad ones down; until then it is what it was. */
export function afterAnswer(
  { verdict, isOk: before, inARow: count }: Standing,
  isOk: boolean,
  { rise, fall }: Pick<SingleCheck, 'rise' | 'fall'>,
): Standing {
  const inARow = isOk === before ? count + 1 : 1;
  const reached = inARow >= (isOk ? rise : fall);
  const now = reached ? (isOk ? 'up' : 'down') : verdict;
  return { isOk, inARow, ...(now && { verdict: now }) };
}
