/** A part of the benchmark, which can be run by itself. */

import type { BenchPart } from '../src/cli/bench-parts.ts';
import type { Figure } from './figure.ts';

export type Part = {
  readonly name: BenchPart;
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
  /** False once it has taken its share of a quick run: what it has not begun is to be left out. */
  readonly hasTime: () => boolean;
  /** Says that something is. */
  readonly leaveOut: (what: string) => void;
  readonly signal: AbortSignal;
  readonly report: (figure: Figure) => void;
};
