/**
 * fairleadd: the daemon of one network namespace.
 *
 *   fairleadd NAMESPACE-INODE    with descriptor 3 on the namespace and descriptor 4 to report on
 *
 * What else it is told: options.ts.
 *
 * It lives outside the namespace it serves and holds nothing of it, so that the namespace can end; it then
 * ends too. It may be killed at any moment: the kernel goes on forwarding, and the next one adopts the state.
 */

import { closeSync, existsSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockPath, logPath, runDirectory, socketPath } from '../api/paths.ts';
import { createServer } from '../api/server.ts';
import { type BpfDataPlane, openBpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { FairleadError, messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import { version } from '../ipvs/version.ts';
import { addAddress, listAddresses, removeAddress } from '../linux/addresses.ts';
import { closeInherited } from '../linux/descriptors.ts';
import { lockFile } from '../linux/flock.ts';
import { listLinks } from '../linux/links.ts';
import { freePages } from '../linux/memory.ts';
import { inNamespace } from '../linux/namespace.ts';
import { createDirector } from './director.ts';
import { createDoor } from './door.ts';
import { createDrops } from './drops.ts';
import { createEvents } from './events.ts';
import { createHandlers } from './handlers.ts';
import { openLog } from './log-output.ts';
import { type DaemonOptions, helpText, readOptions } from './options.ts';
import { createSettings } from './settings.ts';
import { sweepRunDirectory } from './sweep.ts';
import { createSyncDaemons } from './sync-daemons.ts';
import { createVips } from './vips.ts';
import { keepWatch } from './watch.ts';

const namespaceFd = 3;
const reportFd = 4;

async function main(argv: readonly string[]): Promise<number> {
  closeInherited(reportFd); // a caller's lock kept here would be kept for good
  const options = wishOf(argv);
  if (typeof options === 'number') return options;
  const { namespace } = options;
  if (namespace === undefined) {
    process.stderr.write(
      'fairleadd is started by ipvsadm and fairlead; there is no need to start it by hand\n',
    );
    return 2;
  }
  const log = openLog(options, process.env);
  if (!lockFile(lockPath(namespace))) {
    report({ busy: true });
    return 0;
  }
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  try {
    await serve({ ...options, namespace }, stopping, log);
    return 0;
  } catch (error) {
    const { code, detail } =
      error instanceof FairleadError ? error : new FairleadError('SYSTEM_CALL', String(error));
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    report({ code, ...(detail === undefined ? {} : { detail }) });
    return 1;
  }
}

/** The options, or the exit code where the question was another one. */
function wishOf(argv: readonly string[]): DaemonOptions | number {
  try {
    const wish = readOptions(argv, process.env);
    if ('options' in wish) return wish.options;
    process.stdout.write('help' in wish ? helpText() : `fairleadd ${version}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    process.stderr.write(`fairleadd: ${error.message}\n`);
    // A command that waits for it would rather hear of it than look for a log.
    if (/^\d+$/.test(argv[0] ?? '')) report({ code: error.code, detail: error.detail });
    return 2;
  }
}

type Serving = DaemonOptions & { readonly namespace: number };

async function serve(
  { namespace, connections }: Serving,
  stopping: AbortController,
  log: Logger,
): Promise<void> {
  const stop = (): void => stopping.abort();
  const size = connections === undefined ? {} : { connections };
  const plane = inNamespace(namespaceFd, () => openBpfDataPlane(objectPath(), size));
  closeSync(namespaceFd);
  plane.defend(freePages()); // who changes a defence's mode must not meet a daemon that knows of no memory
  const inside = createDoor(namespace);
  const director = createDirector(plane, { now: () => performance.now(), worked });
  const settings = createSettings(plane);
  const drops = createDrops(plane);
  const events = createEvents(Date.now);
  const syncDaemons = createSyncDaemons({ plane, links: () => inside(listLinks), log });
  const kernel = { links: listLinks, addresses: listAddresses, add: addAddress, remove: removeAddress };
  const vips = createVips({ inside, kernel });
  const handlers = createHandlers(
    { version, namespace },
    { director, settings, drops, events, syncDaemons, vips, plane, inside, stop },
  );
  const server = createServer(handlers, () => refuseWhenGone(plane, stop));
  rmSync(socketPath(namespace), { force: true });
  await server.listen(socketPath(namespace));
  report({ ready: true });
  try {
    sweepRunDirectory();
  } catch (error) {
    log.warning(`${runDirectory}: ${messageOf(error)}`);
  }
  await keepWatch({ director, drops, plane, inside, log }, stopping);
  rmSync(socketPath(namespace), { force: true });
  await server.close();
  plane.close();
  for (const path of [logPath(namespace), lockPath(namespace)]) rmSync(path, { force: true });
}

/** The inode of a namespace that has gone may name a new one soon: no request may be answered for it. */
function refuseWhenGone(plane: BpfDataPlane, stop: () => void): void {
  if (plane.alive()) return;
  stop();
  throw new FairleadError('NAMESPACE_GONE');
}

/** Milliseconds of CPU time, in user space and in the kernel. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

let reported = false;

/** One line to the command that started this daemon, which waits for it. Only the first is of interest. */
function report(outcome: Readonly<Record<string, unknown>>): void {
  if (reported) return;
  reported = true;
  writeSync(reportFd, JSON.stringify(outcome));
  closeSync(reportFd);
}

/** bpf/director.bpf.o, above both dist/ and src/director/. */
function objectPath(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'bpf/director.bpf.o')) && directory !== '/')
    directory = dirname(directory);
  return join(directory, 'bpf/director.bpf.o');
}

process.exit(await main(process.argv.slice(2)));
