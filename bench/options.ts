/** The command line of `npm run bench`. */

import { parseArgs } from 'node:util';
import { benchPartLines, quickSeconds } from '../src/cli/bench-parts.ts';
import type { Part } from './part.ts';

export type Options = {
  readonly parts: readonly Part[];
  readonly isQuick: boolean;
  /** Only what has this in its name. */
  readonly only: string;
  /** Turns of each case, where not each part's own number. */
  readonly rounds?: number;
  /** Where the figures go besides. */
  readonly json?: string;
  /** Whether docs/ is to show the figures. */
  readonly isPublished: boolean;
};

export const help = `npm run bench -- [options] [part…]
fairlead bench [options] [part…]

Measures Fairlead in turns with what there is to compare it with, on this machine, in network namespaces that come and go
with the run. Every ratio is of figures of the same turn; medians, and in brackets what half of all turns lie between.
Figures of a machine that does something else meanwhile say little. docs/benchmarks.md explains each row.

Parts, all but the last unless some are named:
${benchPartLines()}
Options:
  --quick        fewer rounds and cases; after ${quickSeconds} seconds nothing more is begun, and what is left out is said
  --only TEXT    only cases with this in their names
  --rounds N     turns of each case
  --json FILE    where the figures go; default dist/bench/figures.json
  --publish      put them into docs/benchmarks.md, and draw its chart; parts that are not measured now stay

Needs root. Exit status: 0 measured, whatever the figures are; 1 something failed; 2 wrong words, or this machine
lacks something; 130 after ^C, with everything taken down.
`;

/** Throws RangeError, or the TypeError of parseArgs. The last of the parts has to be named. */
export function parseOptions(words: readonly string[], parts: readonly Part[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { only: text, rounds: text, json: text, publish: flag, quick: flag },
    allowPositionals: true,
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && (!Number.isInteger(rounds) || rounds < 1))
    throw new RangeError(`--rounds takes a whole number from 1 on, not "${values.rounds}"`);
  const named = positionals.map((word) => {
    const part = parts.find(({ name }) => name === word);
    if (part !== undefined) return part;
    throw new RangeError(`no part "${word}": there are ${parts.map(({ name }) => name).join(', ')}`);
  });
  return {
    parts: named.length > 0 ? parts.filter((part) => named.includes(part)) : parts.slice(0, -1),
    isQuick: values.quick ?? false,
    isPublished: values.publish ?? false,
    only: values.only ?? '',
    ...(rounds !== undefined && { rounds }),
    ...(values.json !== undefined && { json: values.json }),
  };
}
