/** `npm run bench`: what Fairlead costs, against the least there is and against what else there is. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { obstacle } from '../test/support/privileged.ts';
import { help, type Options, parseOptions } from './options.ts';
import { packetCases } from './per-packet/cases.ts';
import { type Measured, measureCase } from './per-packet/measure.ts';
import { heading, row } from './report.ts';

/** Answers the exit status. */
export function main(words: readonly string[]): number {
  if (words.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    const options = parseOptions(words);
    const missing = obstacle();
    if (missing !== undefined) throw new RangeError(missing);
    return measureAll(options);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    return 2;
  }
}

function measureAll({ only, rounds, json }: Options): number {
  // The packets of a run must meet one and the same CPU's caches.
  execFileSync('taskset', ['-a', '-c', '-p', '0', String(process.pid)], { stdio: 'ignore' });
  const chosen = packetCases.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) throw new RangeError(`nothing that is measured has "${only}" in its name`);
  const measured: Measured[] = [];
  process.stdout.write(heading);
  for (const each of chosen) {
    const result = measureCase(each, rounds);
    measured.push(result);
    process.stdout.write(row(result));
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ packets: measured }, null, 1)}\n`);
  return 0;
}
