/** The fuzzer's command line. */

import { parseArgs } from 'node:util';
import { type Feature, features, parseFeatures } from './features.ts';

export type Options = {
  readonly seed: string;
  readonly configurations: number;
  /** Packets, edits and pauses of each configuration. */
  readonly packets: number;
  /** Stop after so many seconds; 0: when all configurations are done. */
  readonly seconds: number;
  readonly features: ReadonlySet<Feature>;
  readonly processes: number;
  /** Tables are compared after so many packets. */
  readonly every: number;
  /** Stop at so many differences. */
  readonly differences: number;
  /** A case to replay instead. */
  readonly file?: string;
};

export const help = `npm run fuzz -- [options]

Plays random cases to the BPF data plane and to the model, and compares packet by packet.

  --seed TEXT           the same seed makes the same cases (default: by the clock)
  --configurations N    default 1000
  --packets N           for each of them, default 1000
  --seconds S           stop after so long
  --features LIST       default all: ${features.join(', ')};
                        with no- in front, all but these
  --processes N         default 2
  --every N             compare tables after every N packets, default 200
  --differences N       stop at the Nth difference, default 1
  --case FILE           replay a case that was written down

Needs root. Exit status: 0 no difference, 1 a difference, 2 wrong words.
`;

/** Throws RangeError or TypeError. */
export function parseOptions(words: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...{ seed: text, configurations: text, packets: text, seconds: text, features: text },
      ...{ processes: text, every: text, differences: text, case: text },
    },
  });
  const number = (name: keyof typeof values, usual: number): number => {
    const value = Number(values[name] ?? usual);
    if (!Number.isInteger(value) || value < 0) throw new RangeError(`--${name} takes a number`);
    return value;
  };
  return {
    seed: values.seed ?? String(Date.now() % 1_000_000),
    configurations: number('configurations', 1000),
    packets: number('packets', 1000),
    seconds: number('seconds', 0),
    features: parseFeatures(values.features ?? 'all'),
    processes: Math.max(number('processes', 2), 1),
    every: Math.max(number('every', 200), 1),
    differences: Math.max(number('differences', 1), 1),
    ...(values.case !== undefined && { file: values.case }),
  };
}
