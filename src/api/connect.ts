/**
 * Finding the director of the caller's network namespace, and starting it where there is none yet, as the
 * first ipvsadm command loads the kernel module.
 */

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ErrorCode, errorTable, FairleadError } from '../ipvs/errors.ts';
import { type Client, createClient } from './client.ts';
import { logPath, ownNamespace, runDirectory, socketPath } from './paths.ts';

/** How long a director may take to come up before a command gives up. */
const startMilliseconds = 15_000;

/**
 * A client of this namespace's director, which answers by then. Throws what kept it from starting (NO_BPF,
 * NO_LIBRARY, FOREIGN_DATA_PLANE, …) or DIRECTOR_UNREACHABLE.
 */
export async function connectDirector(): Promise<Client> {
  const namespace = ownNamespace();
  const path = socketPath(namespace);
  if (!(await isListening(path))) await startDirector(namespace, path);
  return createClient(path);
}

/** A client only if a director runs already; a question that should not start one. */
export async function findDirector(): Promise<Client | undefined> {
  const path = socketPath(ownNamespace());
  return (await isListening(path)) ? createClient(path) : undefined;
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

async function startDirector(namespace: number, path: string): Promise<void> {
  const deadline = performance.now() + startMilliseconds;
  mkdirSync(runDirectory, { recursive: true, mode: 0o755 });
  const outcome = await spawnDaemon(namespace);
  if (outcome.code !== undefined) throw new FairleadError(outcome.code, outcome.detail);
  // Another command may have started it in the same moment: then ours left, and theirs is on its way.
  while (!(await isListening(path))) {
    if (performance.now() > deadline)
      throw new FairleadError('DIRECTOR_UNREACHABLE', `see ${logPath(namespace)}`);
    await sleep(10);
  }
}

type Outcome = { readonly code?: ErrorCode; readonly detail?: string };

/**
 * Starts the daemon outside this namespace, so that it does not keep it alive, with a descriptor of the
 * namespace to begin with (3) and a pipe to report on (4). Resolves with what it reported.
 */
async function spawnDaemon(namespace: number): Promise<Outcome> {
  const handle = openSync('/proc/self/ns/net', 'r');
  const log = openSync(logPath(namespace), 'a', 0o600);
  try {
    const daemon = spawn('unshare', ['--net', '--', process.execPath, daemonPath(), String(namespace)], {
      cwd: '/',
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
    throw new FairleadError('DIRECTOR_UNREACHABLE', cause instanceof Error ? cause.message : String(cause));
  } finally {
    closeSync(handle);
    closeSync(log);
  }
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
