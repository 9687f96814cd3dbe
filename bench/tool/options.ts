/** The command line of `npm run bench:tool`. */

import { parseArgs } from 'node:util';

export type Options = {
  readonly services: number;
  /** Of each service. */
  readonly servers: number;
  readonly connections: number;
  /** How often short commands are measured. */
  readonly rounds: number;
  /** Where the figures go besides. */
  readonly json?: string;
};

export const help = `npm run bench:tool -- [options]

How long ipvsadm takes, in a lab of network namespaces that comes and goes with the run: its start, a large table
restored, saved and listed, a large table of connections listed, and what clients notice of it meanwhile. Times are
seconds and, since machines differ, multiples of \`node -e 0\` in the same run.

  --services N      services of the large table, default 10000
  --servers N       real servers of each, default 10
  --connections N   connections, default 1000000; 0 for none
  --rounds N        turns of what is short, default 15
  --json FILE       write the figures there as well

Needs root. Exit status: 0, or 2 for wrong words. Nothing is judged.
`;

/** Throws RangeError or TypeError. */
export function parseOptions(words: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const names = { services: text, servers: text, connections: text, rounds: text, json: text };
  const { values } = parseArgs({ args: [...words], options: names });
  const number = (name: keyof typeof names, usual: number, least: number): number => {
    const given = Number(values[name] ?? usual);
    if (!Number.isInteger(given) || given < least) throw new RangeError(`--${name} takes a number`);
    return given;
  };
  return {
    services: number('services', 10_000, 1),
    servers: number('servers', 10, 1),
    connections: number('connections', 1_000_000, 0),
    rounds: number('rounds', 15, 1),
    ...(values.json !== undefined && { json: values.json }),
  };
}
