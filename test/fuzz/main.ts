/** `npm run fuzz`: one process that counts and speaks, and as many that play as are wanted. */

import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { obstacle } from '../support/privileged.ts';
import { campaign, type Found, type Report } from './campaign.ts';
import { help, type Options, parseOptions } from './options.ts';
import { openPlayers } from './players.ts';
import { replay } from './replay.ts';
import type { Case } from './step.ts';

/** Answers the exit status. `program` is this program's own file. */
export async function main(words: readonly string[], program: string): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  try {
    const options = parseOptions(words);
    const missing = obstacle();
    if (missing !== undefined) throw new RangeError(missing);
    if (options.file !== undefined) return replayFile(options.file);
    return await conduct(options, words, program);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    process.stderr.write(`fuzz: ${error.message}\n`);
    return 2;
  }
}

type Sums = { configurations: number; packets: number; readonly found: Found[] };

async function conduct(options: Options, words: readonly string[], program: string): Promise<number> {
  const begun = performance.now();
  const sums: Sums = { configurations: 0, packets: 0, found: [] };
  const seconds = (): number => (performance.now() - begun) / 1000;
  const say = (): void => {
    const rate = Math.round(sums.packets / seconds());
    process.stderr.write(
      `fuzz: ${sums.configurations} configurations, ${sums.packets} packets, ${rate} a second\n`,
    );
  };
  process.stdout.write(`seed ${options.seed}\n`);
  const clock = setInterval(say, 10_000);
  const isDone = (): boolean =>
    sums.found.length >= options.differences || (options.seconds > 0 && seconds() >= options.seconds);
  const workers = Array.from({ length: options.processes }, (_, index) => {
    const child = fork(program, ['--worker', String(index), options.seed, ...words]);
    return heard(child, sums, isDone);
  });
  const statuses = await Promise.all(workers);
  clearInterval(clock);
  process.stdout.write(
    `${sums.configurations} configurations, ${sums.packets} packets in ${seconds().toFixed(1)} s: ` +
      `${Math.round(sums.packets / seconds())} a second, ${sums.found.length} differences\n`,
  );
  return sums.found.length > 0 || statuses.some((status) => status !== 0) ? 1 : 0;
}

/** The exit status of a child whose reports are added up. */
function heard(child: ChildProcess, sums: Sums, isDone: () => boolean): Promise<number> {
  child.on('message', (report: Report) => {
    sums.configurations += report.configurations;
    sums.packets += report.packets;
    if (report.found && !isDone()) {
      sums.found.push(report.found);
      process.stdout.write(written(report.found));
    }
    child.send(isDone() ? 'stop' : 'go on');
  });
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
}

/** The difference, in words, and the case in a file. */
function written({ seed, case: small, difference }: Found): string {
  const file = `fuzz-${seed}.json`;
  writeFileSync(file, `${JSON.stringify(small, null, 1)}\n`);
  const { step, what, ours, theirs } = difference;
  const room = `${small.limits.connections} entries, ${small.limits.halfOpen} half-open`;
  const steps = small.steps.map((each, index) => `${index}: ${JSON.stringify(each)}`);
  return [
    `difference with seed ${seed}: ${what} after step ${step} of ${small.hook}, room for ${room} (${file})`,
    ...steps,
    `BPF:   ${ours}`,
    `model: ${theirs}`,
    '',
  ].join('\n');
}

function replayFile(file: string): number {
  const given = JSON.parse(readFileSync(file, 'utf8')) as Case;
  const { players, close } = openPlayers();
  try {
    const { text, differs } = replay(players, given);
    process.stdout.write(text);
    return differs ? 1 : 0;
  } finally {
    close();
  }
}

/** A child: plays its share, and asks after each configuration whether to go on. */
function work(index: number, seed: string, words: readonly string[]): void {
  const options = { ...parseOptions(words), seed };
  const { players, close } = openPlayers();
  let goesOn = true;
  process.on('message', (word) => {
    goesOn = word !== 'stop';
  });
  const orphaned = (): never => process.exit(1);
  process.on('disconnect', orphaned);
  let number = index;
  const next = (): void => {
    if (!goesOn || number >= options.configurations) {
      close();
      process.off('disconnect', orphaned);
      process.disconnect?.();
      return;
    }
    // One at a time, so that what the parent says is heard in between.
    const share = { first: number, stride: Number.POSITIVE_INFINITY };
    campaign(players, options, share, (report) => process.send?.(report) ?? false);
    number += options.processes;
    setImmediate(next);
  };
  next();
}

const [mode, index = '0', seed = '', ...rest] = process.argv.slice(2);
if (mode === '--worker') work(Number(index), seed, rest);
