/** How a real server gets its share slowly: docs/design/0009. Pure. */

import { type Scheduler, schedulers } from '../ipvs/schedulers.ts';
import { maxWeight } from '../ipvs/service.ts';

/** With fewer steps than this in the smallest weight, each would be a flood of its own. */
const finest = 64;

/**
 * Those that choose alike when all weights are multiplied by the same number. To `rr`, `lc` and `dh` a weight is nothing,
 * to `sh` and `mh` a share of a table, to `fo` and `ovf` an order and a limit.
 */
const stepped: readonly Scheduler[] = ['wrr', 'wlc', 'sed', 'nq', 'twos', 'lblc', 'lblcr'];

export const slowStartSchedulers = schedulers.filter((scheduler) => stepped.includes(scheduler));

export function hasSlowStart(scheduler: string): boolean {
  return stepped.some((known) => known === scheduler);
}

/** What all weights of a service are multiplied by while one of its real servers starts slowly. */
export function scaleOf(weights: readonly number[]): number {
  const positive = weights.filter((weight) => weight > 0);
  if (positive.length === 0) return 1;
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  let scale = 1;
  while (least * scale < finest && most * scale * 2 <= maxWeight) scale *= 2;
  return scale;
}

/** The share that a real server has of its weight, 0 to 1, so long after the beginning. */
export function shareAt(elapsedMs: number, durationMs: number): number {
  return durationMs <= 0 ? 1 : Math.min(1, Math.max(0, elapsedMs / durationMs));
}

/** What the table gets: never 0, which would be something else. */
export function weightAt(wanted: number, scale: number, share: number): number {
  return Math.min(maxWeight, Math.max(1, Math.round(wanted * scale * share)));
}
