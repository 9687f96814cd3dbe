/** Whether enough real servers are well, with hysteresis. Pure. */

import type { ServicePlan } from './plan.ts';

/**
 * Weight that is needed, of `whole`, the weight of all real servers that may serve: more where the quorum has been
 * lost, but never more than there is.
 */
export function needed(
  { quorum: { kind, value }, hysteresis }: Pick<ServicePlan, 'quorum' | 'hysteresis'>,
  whole: number,
  hasQuorum: boolean,
): number {
  const plain = kind === 'percent' ? Math.max(1, Math.ceil((whole * value) / 100)) : value;
  return hasQuorum ? plain : Math.max(plain, Math.min(plain + hysteresis, whole));
}
