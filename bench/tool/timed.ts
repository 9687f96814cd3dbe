/** Programs run to their end, with what they took. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';

export type Run = {
  readonly seconds: number;
  /** The most memory it ever had, KiB. */
  readonly peak: number;
  /** Of standard output. */
  readonly lines: number;
};

export type Where = {
  /** Does something in the namespace that programs are to run in. */
  readonly inside: <T>(action: () => T) => T;
  readonly env: NodeJS.ProcessEnv;
};

const newline = '\n'.charCodeAt(0);

/** Throws unless it ends well. */
export async function timed(
  { inside, env }: Where,
  argv: readonly string[],
  input = '/dev/null',
): Promise<Run> {
  const [program = '', ...words] = argv;
  const stdin = openSync(input, 'r');
  const began = performance.now();
  const child = inside(() => spawn(program, words, { env, stdio: [stdin, 'pipe', 'inherit'] }));
  closeSync(stdin);
  let [lines, peak] = [0, 0];
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0));
  }, 10);
  child.stdout?.on('data', (piece: Buffer) => {
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) lines++;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearInterval(watch);
  const status = code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`);
  return { seconds: (performance.now() - began) / 1000, peak, lines };
}

/** The most memory that a process ever had, KiB; 0 for one that has gone. */
export function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** From now on its peak counts anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Seconds of CPU time that a process has had. */
export function workOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = 100; // USER_HZ of proc(5)
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
