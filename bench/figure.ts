/** What a benchmark says: one figure, and what it is in comparison. Pure. */

import type { Spread } from './statistics.ts';

export type Unit = 'ns' | 'µs' | 'ms' | 's' | '/s' | 'B/s' | 'B' | 'packets' | 'connections';

export type Figure = {
  readonly name: string;
  readonly value: Spread;
  readonly unit: Unit;
  readonly ratios: readonly Ratio[];
};

/** To something measured in the same turn. */
export type Ratio = {
  readonly to: string;
  readonly value: Spread;
  readonly atMost?: number;
  readonly atLeast?: number;
};

/** A figure as one part of the benchmark measured it. */
export type PartFigure = Figure & { readonly part: string };

/** Whether a ratio is where it should be; undefined where nothing is asked of it. */
export function isMet({ value, atMost, atLeast }: Ratio): boolean | undefined {
  if (atMost === undefined && atLeast === undefined) return undefined;
  return (
    value.median <= (atMost ?? Number.POSITIVE_INFINITY) &&
    value.median >= (atLeast ?? Number.NEGATIVE_INFINITY)
  );
}
