/** `npm run bench:tool`: how long ipvsadm takes. */

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../../src/lab/errors.ts';
import { obstacle } from '../../test/support/privileged.ts';
import { measurer, measureStart } from './commands.ts';
import { establish } from './connections.ts';
import { help, type Options, parseOptions } from './options.ts';
import { commandHeading, noticedHeading, noticedRow, startRow } from './report.ts';
import { tableOf } from './rules.ts';
import { ipvsadm, type Noticed, openStage, realServers, type Stage, vip } from './stage.ts';
import { timed } from './timed.ts';

/** Answers the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(help);
    return 0;
  }
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  try {
    const options = parseOptions(words);
    const missing = obstacle();
    if (missing !== undefined) throw new RangeError(missing);
    await measureAll(options, stopping.signal);
    return 0;
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError || error instanceof LabError))
      throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    return 2;
  }
}

async function measureAll(options: Options, signal: AbortSignal): Promise<void> {
  const stage = await openStage(signal);
  try {
    const figures = await measureOn(stage, options);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 1)}\n`);
  } finally {
    await stage.close();
  }
}

async function measureOn(stage: Stage, { services, servers, connections, rounds }: Options) {
  await configure(stage);
  const start = await measureStart(stage, rounds);
  process.stdout.write(startRow(start) + commandHeading);
  const measure = measurer(stage, start.node.median);
  const rules = stage.file('rules', tableOf(services, servers));
  const lines = services * (servers + 1);
  const commands = [await measure(`-R of ${lines} lines`, ['-R'], { input: rules })];
  for (const words of [['-Sn'], ['-Ln'], ['-Ln', '--rate']]) {
    commands.push(await measure(words.join(' '), words, { lines }));
  }
  commands.push(await measure('-C', ['-C']));
  if (connections > 0) {
    await establish(stage, connections);
    commands.push(await measure(`-Lcn of ${connections}`, ['-Lcn'], { lines: connections }));
    await timed(stage.director, [ipvsadm, '-C']);
  }
  return { start, commands, noticed: await measureNoticed(stage, rules) };
}

/** The web service of the stage. */
async function configure({ director }: Stage): Promise<void> {
  const web = ['-t', `${vip}:80`];
  await timed(director, [ipvsadm, '-A', ...web, '-s', 'wlc']);
  for (const address of Object.values(realServers))
    await timed(director, [ipvsadm, '-a', ...web, '-r', `${address}:80`, '-g']);
}

/** What its clients notice of a table that is restored, and of something else that takes as much of the CPUs. */
async function measureNoticed(stage: Stage, rules: string): Promise<Readonly<Record<string, Noticed>>> {
  await configure(stage);
  process.stdout.write(noticedHeading);
  const measure = async <T>(name: string, action: () => Promise<T>) => {
    const { result, noticed } = await stage.beside(action);
    process.stdout.write(noticedRow(name, noticed));
    return { result, noticed };
  };
  const { noticed: alone } = await measure('nothing else', () => sleep(besideMs));
  const { result, noticed: restoring } = await measure('ipvsadm -R', () =>
    timed(stage.director, [ipvsadm, '-R'], rules),
  );
  const { noticed: counting } = await measure('two programs that count', () =>
    count(2, result.seconds * 1000),
  );
  return { alone, restoring, counting };
}

/** How long clients are asked what they notice, where nothing ends by itself. */
const besideMs = 5_000;

/** Keeps CPUs as busy as a command and a daemon do. */
async function count(programs: number, milliseconds: number): Promise<void> {
  const counting = Array.from({ length: programs }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  await sleep(milliseconds);
  for (const program of counting) program.kill();
}
