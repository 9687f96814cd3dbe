/** Programs run to their end or in the background, and waits that end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export type Outcome = { readonly stdout: string; readonly stderr: string; readonly code: number };

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input; nothing if absent. */
  readonly input?: string;
  /** After it the process group is killed; default 60 s. */
  readonly limitMs?: number;
};

/** Runs a program to its end. Throws when it takes too long or cannot be started. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { limitMs = 60_000, input = '', ...rest } = options;
  const child = launch(argv, rest, 'pipe');
  child.stdin?.on('error', () => {}); // not everybody reads it
  child.stdin?.end(input);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child);
  }, limitMs);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 128));
  }).finally(() => clearTimeout(timer));
  if (late)
    throw new Error(`${argv.join(' ')}: not done after ${limitMs} ms\n${texts.stdout}${texts.stderr}`);
  return { ...texts, code };
}

/** Runs a program that must succeed; answers what it printed. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr, code } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

export type Background = {
  readonly pid: number;
  /** Kills the process group; harmless when it is gone. */
  kill(): void;
  readonly child: ChildProcess;
};

/** Starts a program that goes on until the test has finished. */
export function start(argv: readonly string[]): Background {
  const child = launch(argv, {}, 'pipe');
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.stdout?.resume();
  child.stderr?.resume();
  const kill = (): void => killGroup(child);
  onTestFinished(kill);
  return { pid: child.pid ?? 0, kill, child };
}

/** Runs a program to its end with further files open, by descriptor. */
export async function startWith(
  argv: readonly string[],
  files: Readonly<Record<number, number>>,
): Promise<void> {
  const [command = '', ...args] = argv;
  const highest = Math.max(...Object.keys(files).map(Number));
  const stdio = Array.from({ length: highest + 1 }, (_, fd) => files[fd] ?? 'ignore');
  const child = spawn(command, args, { stdio });
  await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
}

/** A process group of its own; proxies would lead a curl out of its namespace. */
function launch(
  argv: readonly string[],
  options: Pick<RunOptions, 'cwd' | 'env'>,
  stdio: 'pipe',
): ChildProcess {
  const [command = '', ...args] = argv;
  const env = Object.entries({ ...process.env, ...options.env }).filter(([name]) => !/_proxy$/i.test(name));
  return spawn(command, args, { ...options, env: Object.fromEntries(env), stdio, detached: true });
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Waits for the first answer that is not `undefined` or `false`. Throws after `limitMs`, which a busy machine must not
 * come near to.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  limitMs = 20_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(25);
  }
}

/** Kills a process that this test has started; harmless when it is gone. */
export function killQuietly(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The words of a process's command line; none when it is gone. */
export function commandLine(pid: number | string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}
