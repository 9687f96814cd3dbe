/**
 * The daemon's side: keeps a checker running inside the namespace as long as there are jobs, and tells it what to do.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../ipvs/errors.ts';
import { currentNamespace, findNamespace } from '../../linux/namespace.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { decodeReport, eachLine, encodeOrder, fileThreads, type Order } from './protocol.ts';

export type CheckerModules = {
  /** The namespace's inode. */
  readonly namespace: number;
  /** A probe is over. Of a job that is wanted. */
  readonly report: (id: string, outcome: Outcome) => void;
  readonly log: (line: string) => void;
  /** Starts its process; `undefined` while there is no way into the namespace. */
  readonly launch?: (namespace: number) => Process | undefined;
};

export type Checker = {
  /** From now on exactly these jobs. What goes on is left in its rhythm. */
  want(jobs: Iterable<Job>): void;
  /** Resolves once its process has ended, or will as soon as the kernel lets it. */
  close(): Promise<void>;
};

/** What of a process is asked for here. */
export type Process = Pick<ChildProcess, 'stdin' | 'stdout' | 'exitCode' | 'signalCode' | 'kill' | 'once'>;

/** Jobs that the checker is told of at a time: 40,000 at once would be a turn of half a second. */
const portion = 1000;
const restartMilliseconds = 1000;
/** A checker says something once a second, even if it is nothing. */
const listenMilliseconds = 1000;
/** So many times nothing was heard: it hangs. Turns, not time: it is not to blame for a daemon that was held up itself. */
const mostSilent = 15;
/** One that is told to go has so long. */
const farewellMilliseconds = 2000;

export function createChecker({ namespace, report, log, launch = launched }: CheckerModules): Checker {
  let wanted: ReadonlyMap<string, Job> = new Map();
  let child: Process | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  /** What the child is still to be told. */
  let untold: Order[] = [];

  /** A portion at a time, with everybody else's turns between two. */
  const tell = (): void => {
    const next = untold.shift();
    if (!next) return;
    child?.stdin?.write(encodeOrder(next));
    if (untold.length > 0) setImmediate(tell);
  };
  const order = (begin: readonly Job[], end: readonly string[]): void => {
    const isTelling = untold.length > 0;
    if (end.length > 0) untold.push({ begin: [], end });
    for (let from = 0; from < begin.length; from += portion)
      untold.push({ begin: begin.slice(from, from + portion), end: [] });
    if (!isTelling) tell();
  };
  /** Node throws some failures to fork, of memory for instance, and tells of others later. */
  const attempted = (): Process | undefined => {
    try {
      return launch(namespace);
    } catch (error) {
      log(`checker: it cannot be started, and is tried again: ${messageOf(error)}`);
      return undefined;
    }
  };
  const start = (): void => {
    restart = undefined;
    const started = attempted();
    if (!started) {
      retryLater();
      return;
    }
    child = started;
    let silent = 0;
    const listening = setInterval(() => {
      silent++;
      if (silent < mostSilent) return;
      // Once: where the kernel holds it (state D), it goes when that is over, and `close` says so.
      clearInterval(listening);
      log(`checker: it has said nothing for ${silent} seconds, and is killed`);
      started.kill('SIGKILL');
    }, listenMilliseconds);
    listening.unref();
    started.once('error', (error) => log(`checker: ${error.message}`));
    started.once('close', (code, signal) => {
      clearInterval(listening);
      if (child === started) child = undefined;
      if (isClosed || wanted.size === 0) return;
      if (code !== 0) log(`checker: it ended with ${signal ?? code}; it is started again`);
      retryLater();
    });
    started.stdin?.on('error', () => undefined); // it has ended; `close` says so
    if (started.stdout)
      eachLine(started.stdout, (line) => {
        silent = 0;
        if (line === '') return;
        const { id, outcome } = decodeReport(line);
        if (wanted.has(id)) report(id, outcome);
      });
    untold = [];
    order([...wanted.values()], []);
  };
  const retryLater = (): void => {
    restart ??= setTimeout(start, restartMilliseconds);
    restart.unref();
  };
  return {
    want(jobs) {
      const before = wanted;
      wanted = new Map([...jobs].map((job) => [job.id, job]));
      if (wanted.size === 0) {
        clearTimeout(restart);
        restart = undefined;
        if (child) dismiss(child);
        child = undefined;
      } else if (child) {
        const begin = [...wanted.values()].filter(({ id }) => !before.has(id));
        const end = [...before.keys()].filter((id) => !wanted.has(id));
        order(begin, end);
      } else if (!restart) {
        start();
      }
    },
    async close() {
      isClosed = true;
      clearTimeout(restart);
      const running = child;
      if (!running || running.exitCode !== null || running.signalCode !== null) return;
      await new Promise<void>((resolve) => {
        const patience = setTimeout(() => {
          log('checker: it is killed, and the kernel holds it');
          resolve();
        }, 2 * farewellMilliseconds);
        running.once('close', () => {
          clearTimeout(patience);
          resolve();
        });
        dismiss(running);
      });
    },
  };
}

/** It goes when its input ends, unless it hangs. */
function dismiss(child: Process): void {
  child.stdin?.end();
  const patience = setTimeout(() => child.kill('SIGKILL'), farewellMilliseconds);
  child.once('close', () => clearTimeout(patience));
}

/**
 * Where the daemon is outside, nsenter(1) goes ahead, so that nothing of the namespace is made by the daemon: a socket pair
 * would be, and would keep the namespace alive. A daemon inside needs no way in, and may not be allowed one
 * (RestrictNamespaces= of its unit).
 */
function launched(namespace: number): ChildProcess | undefined {
  const program = [process.execPath, programPath(), String(namespace)];
  const argv = namespace === currentNamespace() ? program : entered(namespace, program);
  const [command, ...words] = argv ?? [];
  if (command === undefined) return undefined;
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(fileThreads) };
  return spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], env });
}

function entered(namespace: number, program: readonly string[]): readonly string[] | undefined {
  const path = findNamespace(namespace);
  return path === undefined ? undefined : ['nsenter', `--net=${path}`, '--', ...program];
}

/** dist/checker.js beside the bundle, or the source where Node runs it unbuilt. */
function programPath(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundled = [join(here, 'checker.js'), join(here, '../../../dist/checker.js')].find(existsSync);
  return bundled ?? join(here, 'main.ts');
}
