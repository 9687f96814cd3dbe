/**
 * Finding the director of the caller's network namespace, and starting it where there is none yet, as the
 * first ipvsadm command loads the kernel module.
 */

import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, errorTable, FairleadError, messageOf } from '../ipvs/errors.ts';
import { type Client, createClient, isUnsent } from './client.ts';
import { logPath, ownNamespace, runDirectory, socketPath } from './paths.ts';

/** How long a director may take to come up before a command gives up. */
const startMilliseconds = 15_000;

/** How long another's start is watched before this command tries one of its own. */
const patienceMilliseconds = 1_000;

/**
 * A client of this namespace's director, which answers by then. Throws what kept it from starting (NOT_ROOT,
 * NO_BPF, NO_LIBRARY, FOREIGN_DATA_PLANE, …) or DIRECTOR_UNREACHABLE.
 */
export async function connectDirector(): Promise<Client> {
  requireRoot();
  const namespace = ownNamespace();
  const path = socketPath(namespace);
  if (!(await isListening(path))) await startDirector(namespace, path);
  return persistent(createClient(path), () => startDirector(namespace, path));
}

/** How often a director may be on its way out in turn: one that another has started may have to give way at once. */
const mostRestarts = 3;

/**
 * A client that asks once more, after `restart`, where a director was on its way out and did nothing of what
 * it was asked: it no longer listened, or found its namespace gone and this one in its place.
 */
function persistent(client: Client, restart: () => Promise<void>): Client {
  const unlessLeaving = async (error: unknown): Promise<void> => {
    const gone = error instanceof FairleadError && error.code === 'NAMESPACE_GONE';
    if (!gone && !isUnsent(error)) throw error;
    await restart();
  };
  return {
    async call(name, input, condition) {
      for (let restarts = 0; restarts < mostRestarts; restarts++) {
        try {
          return await client.call(name, input, condition);
        } catch (error) {
          await unlessLeaving(error);
        }
      }
      return await client.call(name, input, condition);
    },
    async *stream(name, input) {
      try {
        yield* client.stream(name, input);
      } catch (error) {
        await unlessLeaving(error);
        yield* client.stream(name, input);
      }
    },
    async *page(name, input) {
      try {
        yield* client.page(name, input);
      } catch (error) {
        await unlessLeaving(error);
        yield* client.page(name, input);
      }
    },
  };
}

/** A client only if a director runs already; a question that should not start one. Throws NOT_ROOT. */
export async function findDirector(): Promise<Client | undefined> {
  requireRoot();
  const path = socketPath(ownNamespace());
  return (await isListening(path)) ? createClient(path) : undefined;
}

export type Succession = {
  /** A daemon whose data plane this version cannot read loses it, instead of FOREIGN_DATA_PLANE. */
  readonly discards?: true;
  /** Path of the configuration file that it is to read, now and when it is told to. */
  readonly config?: string | undefined;
};

/**
 * Puts a daemon of this version in the place of the one that is there, which answers what it was asked. Throws what kept
 * it from starting; the other goes on then.
 */
export async function succeedDirector({ discards, config }: Succession = {}): Promise<void> {
  requireRoot();
  mkdirSync(runDirectory, { recursive: true, mode: 0o755 });
  const file = config === undefined ? [] : ['--config', config];
  const options = ['--replace', ...(discards ? ['--discard'] : []), ...file];
  const { code, detail } = await spawnDaemon(ownNamespace(), options);
  if (code !== undefined) throw new FairleadError(code, detail);
}

/** The socket is root's alone; to anybody else it would look as if nobody listened. */
function requireRoot(): void {
  if (process.geteuid?.() !== 0) throw new FairleadError('NOT_ROOT');
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Resolves once a director listens, ours or another command's. */
async function startDirector(namespace: number, path: string): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  const deadline = performance.now() + startMilliseconds;
  mkdirSync(runDirectory, { recursive: true, mode: 0o755 });
  do {
    const outcome = await spawnDaemon(namespace);
    if (outcome.code !== undefined) throw new FairleadError(outcome.code, outcome.detail);
    // Ours left at once where another one holds the lock: it is on its way in, or on its way out.
    const patience = performance.now() + patienceMilliseconds;
    do {
      if (await isListening(path)) return;
      await sleep(10);
    } while (performance.now() < patience);
  } while (performance.now() < deadline);
  throw new FairleadError('DIRECTOR_UNREACHABLE', `see ${logPath(namespace)}`);
}

type Outcome = { readonly code?: ErrorCode; readonly detail?: string };

/**
 * Starts the daemon outside this namespace, so that it does not keep it alive, with a descriptor of the
 * namespace to begin with (3) and a pipe to report on (4). Resolves with what it reported.
 */
async function spawnDaemon(namespace: number, options: readonly string[] = []): Promise<Outcome> {
  // Loaded only where a director has to be started, which is seldom.
  const { spawn } = await import('node:child_process');
  const handle = openSync('/proc/self/ns/net', 'r');
  const log = openSync(logPath(namespace), 'a+', 0o600);
  try {
    const program = [process.execPath, daemonPath(), ...options, String(namespace)];
    const daemon = spawn('unshare', ['--net', '--', ...program], {
      cwd: '/',
      env: daemonEnvironment(),
      detached: true,
      stdio: ['ignore', log, log, handle, 'pipe'],
    });
    daemon.unref();
    let report = '';
    const pipe = daemon.stdio[4];
    if (!pipe || !('setEncoding' in pipe)) throw new FairleadError('DIRECTOR_UNREACHABLE');
    pipe.setEncoding('utf8');
    await new Promise<void>((resolve, reject) => {
      daemon.once('error', reject);
      pipe.on('data', (chunk: string) => {
        report += chunk;
      });
      pipe.once('close', resolve);
    });
    return outcomeOf(report, namespace);
  } catch (cause) {
    if (cause instanceof FairleadError) throw cause;
    throw new FairleadError('DIRECTOR_UNREACHABLE', messageOf(cause));
  } finally {
    closeSync(handle);
    closeSync(log);
  }
}

/**
 * Of the caller's environment only Fairlead's own names: a daemon outlives the shell that happened to start
 * it, and that shell's NODE_OPTIONS or LD_LIBRARY_PATH are not meant for it.
 */
function daemonEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('FAIRLEAD_'));
  return { ...Object.fromEntries(own), PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
}

function outcomeOf(report: string, namespace: number): Outcome {
  if (report === '')
    return { code: 'DIRECTOR_UNREACHABLE', detail: `it ended at once, see ${logPath(namespace)}` };
  const { code, detail } = JSON.parse(report) as { code?: string; detail?: string };
  if (code === undefined) return {};
  const known = Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'DIRECTOR_UNREACHABLE';
  return detail === undefined ? { code: known } : { code: known, detail };
}

/** dist/fairleadd.js beside the bundle, or the source where Node runs it unbuilt. */
function daemonPath(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundled = join(here, 'fairleadd.js');
  return existsSync(bundled) ? bundled : join(here, '../director/main.ts');
}
