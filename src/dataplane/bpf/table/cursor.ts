/**
 * What a change of a service's real servers does to its scheduler's place among them (ip_vs_rr.c, ip_vs_wrr.c).
 * Between changes the place is the data plane's, which says how it packs it: bpf/lib/schedule/. Pure.
 */

import type { Scheduler } from '../../../ipvs/schedulers.ts';
import { maxWeightOf, weightGcd } from '../../../ipvs/weights.ts';

/** A real server as far as its place goes; lists have the newest first. */
type Listed = { readonly weight: number; readonly sequence: number };

/** The cursor after a change, given the list as it is then. 0 is the head of the list. */
export function fitCursor(scheduler: Scheduler, cursor: bigint, list: readonly Listed[]): bigint {
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
function fitRoundRobin(cursor: bigint, list: readonly Listed[]): bigint {
  const lastSequence = Number(cursor & 0xffffffffn);
  return lastSequence > (list[0]?.sequence ?? 0) ? 0n : cursor;
}

/** The threshold stays where it still fits, on a step of the new divisor; the pass begins anew at the head. */
function fitThreshold(threshold: number, list: readonly Listed[]): number {
  const weights = list.map(({ weight }) => weight);
  const step = weightGcd(weights);
  const ceiling = Math.max(0, maxWeightOf(weights) - (step - 1));
  if (threshold === 0 || threshold > ceiling) return ceiling;
  return step > 1 ? Math.floor(threshold / step) * step + 1 : threshold;
}
