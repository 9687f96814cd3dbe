/**
 * What a change of a service's real servers does to its scheduler's place among them (ip_vs_rr.c, ip_vs_wrr.c).
 * Between changes the place is the data plane's, which says how it packs it: bpf/lib/schedule/. Pure.
 */

import type { Scheduler } from '../../../ipvs/schedulers.ts';
import type { Tally } from '../../../ipvs/weights.ts';

/** A service's real servers as far as its place goes. */
export type Listed = {
  /** The sequence of the newest one; 0 where there is none. */
  readonly newest: number;
  readonly weights: Pick<Tally, 'gcd' | 'max'>;
};

/** The cursor after a change, given the list as it is then. 0 is the head of the list. */
export function fitCursor(scheduler: Scheduler, cursor: bigint, list: Listed): bigint {
  switch (scheduler) {
    case 'rr':
      return fitRoundRobin(cursor, list);
    case 'wrr':
      return BigInt(fitThreshold(Number(cursor >> 32n), list)) << 32n;
    // The others look at the whole list, or at a table, each time.
    default:
      return 0n;
  }
}

/** With the last choice gone and nothing newer left, the next one is whatever comes to stand at the head. */
function fitRoundRobin(cursor: bigint, { newest }: Listed): bigint {
  const lastSequence = Number(cursor & 0xffffffffn);
  return lastSequence > newest ? 0n : cursor;
}

/** The threshold stays where it still fits, on a step of the new divisor; the pass begins anew at the head. */
function fitThreshold(threshold: number, { weights }: Listed): number {
  const step = weights.gcd();
  const ceiling = Math.max(0, weights.max() - (step - 1));
  if (threshold === 0 || threshold > ceiling) return ceiling;
  return step > 1 ? Math.floor(threshold / step) * step + 1 : threshold;
}
