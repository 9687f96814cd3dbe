/** `npm run bench`: what Fairlead costs, against the least there is and against what else there is. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchParts, quickSeconds } from '../src/cli/bench-parts.ts';
import { Interrupted, interruptible } from '../src/cli/interruptible.ts';
import { FairleadError } from '../src/ipvs/errors.ts';
import { LabError } from '../src/lab/errors.ts';
import { obstacle } from '../test/support/privileged.ts';
import { flood, floodWord } from './churn/flood.ts';
import type { PartFigure } from './figure.ts';
import { thisMachine } from './machine.ts';
import { help, type Options, parseOptions } from './options.ts';
import { parts } from './parts.ts';
import { publish, type Results } from './publish.ts';
import { partHeading, rowOf } from './report.ts';

const usualJson = fileURLToPath(new URL('../../dist/bench/figures.json', import.meta.url));

/** Answers the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  if (words[0] === floodWord) return await beFlood(words[1] ?? '');
  if (words.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    const options = parseOptions(words, parts);
    const missing = obstacle();
    if (missing !== undefined) throw new LabError(missing, 2);
    await interruptible((signal) => measureAll(options, signal));
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`bench: ${lineOf(error)}\n`);
    return statusOf(error);
  }
}

/** The program in another of its parts. */
async function beFlood(device: string): Promise<number> {
  await flood(device);
  return 0;
}

/** Writes what there is also where something failed: hours may be in it. */
async function measureAll(options: Options, signal: AbortSignal): Promise<void> {
  const { isQuick, only } = options;
  const figures: PartFigure[] = [];
  const machine = thisMachine();
  process.stdout.write(`${machine.kernel}, ${machine.cpus} x ${machine.cpu}, ${machine.memory} GiB\n`);
  const results = (): Results => ({ date: new Date().toISOString(), machine, figures });
  try {
    const end = isQuick ? performance.now() + quickSeconds * 1000 : Number.POSITIVE_INFINITY;
    for (const [index, part] of options.parts.entries()) {
      process.stdout.write(partHeading(part.name, benchParts[part.name]));
      const begin = performance.now();
      const ownEnd = begin + (end - begin) / (options.parts.length - index);
      const report = (figure: PartFigure) => {
        figures.push(figure);
        process.stdout.write(rowOf(figure));
      };
      await part.measure({
        rounds: options.rounds ?? part.rounds[isQuick ? 1 : 0],
        isQuick,
        only,
        hasTime: () => performance.now() < ownEnd,
        leaveOut: (what) => process.stdout.write(`left out for want of time: ${what}\n`),
        signal,
        report: (figure) => report({ part: part.name, ...figure }),
      });
    }
  } finally {
    if (figures.length > 0) write(options.json ?? usualJson, results());
  }
  if (figures.length === 0) throw new RangeError(`nothing that is measured has "${only}" in its name`);
  if (options.isPublished)
    say(
      publish(
        results(),
        parts.map(({ name }) => name),
      ),
    );
}

function write(json: string, results: Results): void {
  mkdirSync(dirname(resolve(json)), { recursive: true });
  writeFileSync(json, `${JSON.stringify(results, null, 1)}\n`);
  say(['', json]);
}

function say(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Of wrong words and of what this machine lacks a sentence; of a fault of ours, the stack. */
function lineOf(error: Error): string {
  return isExpected(error) ? error.message : (error.stack ?? error.message);
}

function statusOf(error: Error): number {
  if (error instanceof LabError || error instanceof Interrupted) return error.exitCode;
  return isExpected(error) ? 2 : 1;
}

function isExpected(error: Error): boolean {
  const isWords = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return isWords || [RangeError, LabError, FairleadError, Interrupted].some((kind) => error instanceof kind);
}
