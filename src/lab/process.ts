/** Running programs: with a time limit, in a process group of their own, and never left behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoOf, LabError } from './errors.ts';
import { kill } from './proc.ts';
import { missingTool, searchPath } from './tools.ts';

/** How a program ended. `code` is 128 + the signal's number, as in a shell, when a signal ended it. */
export type Outcome = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
};

export type RunOptions = {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Default 10 000. After it the whole process group is killed and `timedOut` is set. */
  readonly timeoutMs?: number;
  /** When it fires, the process group is killed and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
};

export type Background = {
  readonly pid: number;
  /** Kills the process group and waits until its leader is gone; harmless when that is long past. */
  stop(): Promise<void>;
};

const heldOpenMs = 500;

/** Runs a program to its end and collects what it printed. Throws LabError when it cannot be started. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { stdin = '', timeoutMs = 10_000, signal } = options;
  signal?.throwIfAborted();
  const child = launch(argv, options, ['pipe', 'pipe', 'pipe']);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program that does not read its input ends it with EPIPE; what it printed and its code tell the story.
  child.stdin?.on('error', () => undefined).end(stdin);

  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeoutMs);
  const abort = () => killGroup(child);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const code = await ending(child);
    signal?.throwIfAborted();
    return { code, stdout: stdout(), stderr: stderr(), timedOut };
  } catch (error) {
    throw startFailure(argv, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Starts a server or a load that goes on beside us. What it prints goes to the file `log`. */
export async function startBackground(
  argv: readonly string[],
  { log, ...options }: Pick<RunOptions, 'env' | 'cwd'> & { readonly log: string },
): Promise<Background> {
  const file = openSync(log, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = launch(argv, options, ['ignore', file, file]);
  } finally {
    closeSync(file);
  }
  await once(child, 'spawn').catch((error) => Promise.reject(startFailure(argv, error)));
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) killGroup(child);
      await ended;
    },
  };
}

/** Runs a program that takes over our terminal; answers its exit code. It gets the terminal's ^C itself. */
export async function runAttached(
  argv: readonly string[],
  options: Pick<RunOptions, 'env' | 'cwd'>,
): Promise<number> {
  const [command = '', ...rest] = argv;
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const child = spawn(command, rest, { ...options, stdio: 'inherit' });
    const [code, killer] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return exitCode(code, killer);
  } catch (error) {
    throw startFailure(argv, error);
  } finally {
    process.off('SIGINT', ignore);
  }
}

type Stdio = 'pipe' | 'ignore' | number;

/** `detached`: a session of its own, so that ^C in our terminal reaches only us and a time-out reaches the whole group. */
function launch(argv: readonly string[], options: RunOptions, stdio: [Stdio, Stdio, Stdio]): ChildProcess {
  const [command = '', ...rest] = argv;
  const env = options.env ?? { ...process.env, PATH: searchPath() };
  return spawn(command, rest, { env, cwd: options.cwd, stdio, detached: true });
}

/** The exit code, once the program is gone and what it printed has been read. */
function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, killer) => {
      const done = () => {
        clearTimeout(grace);
        resolve(exitCode(code, killer));
      };
      // A daemon that the program left behind may hold the pipes open for as long as it lives.
      const grace = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        done();
      }, heldOpenMs);
      child.once('close', done);
    });
  });
}

function exitCode(code: number | null, killer: NodeJS.Signals | null): number {
  return code ?? 128 + constants.signals[killer ?? 'SIGKILL'];
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) kill(-pid);
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function startFailure(argv: readonly string[], error: unknown): unknown {
  if (errnoOf(error) === 'ENOENT' && argv[0] !== undefined) return new LabError(missingTool(argv[0]), 2);
  return error;
}
