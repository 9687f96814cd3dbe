/** A part of the benchmark, which can be run by itself. */

import type { Figure } from './figure.ts';

export type Part = {
  readonly name: string;
  /** A line for `--help`. */
  readonly about: string;
  /** Rounds unless said, and with --quick. */
  readonly rounds: readonly [usual: number, quick: number];
  /** Rejects with the signal's reason once it fires, with everything taken down that it has put up. */
  measure(run: PartRun): Promise<void>;
};

export type PartRun = {
  readonly rounds: number;
  /** Fewer cases, shorter loads. */
  readonly isQuick: boolean;
  /** Only what has this in its name. */
  readonly only: string;
  readonly signal: AbortSignal;
  readonly report: (figure: Figure) => void;
};
