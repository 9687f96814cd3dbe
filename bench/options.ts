/** The command line of `npm run bench`. */

import { parseArgs } from 'node:util';

export type Options = {
  /** Only what has this in its name. */
  readonly only: string;
  /** Turns of each case. */
  readonly rounds: number;
  /** Where the figures go besides. */
  readonly json?: string;
};

export const help = `npm run bench -- [options]

Measures the director's programs packet by packet (BPF_PROG_TEST_RUN), each case in turns with a floor: a program that
swaps the MACs of a frame and sends it out again, which is the least that any director does. Times are nanoseconds of a
packet; ratios are to the floor of the same turn; medians, and in brackets what half of all turns lie between.

  --only TEXT    only cases with this in their names
  --rounds N     turns of each case, default 21
  --json FILE    write the figures there as well

Needs root. Exit status: 0, or 2 for wrong words. Nothing is judged.
`;

/** Throws RangeError or TypeError. */
export function parseOptions(words: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { only: text, rounds: text, json: text } });
  const rounds = Number(values.rounds ?? 21);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a number');
  return { only: values.only ?? '', rounds, ...(values.json !== undefined && { json: values.json }) };
}
