/**
 * fairleadd: the daemon of one network namespace.
 *
 *   fairleadd [OPTION…]          of the namespace that it is in, in the foreground, as a unit has it
 *   fairleadd NAMESPACE-INODE    of another, with descriptor 3 on it and descriptor 4 to report on, as a command starts it
 *
 * It may be killed at any moment: the kernel goes on forwarding, and the next one adopts the state.
 */

import { existsSync, lstatSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createChanges } from '../api/changes.ts';
import { lockPath, logPath, runDirectory, savedPath } from '../api/paths.ts';
import { createServer, type Server } from '../api/server.ts';
import { takeTurns } from '../api/turns.ts';
import type { LoadOptions } from '../dataplane/bpf/anchor.ts';
import type { Carry } from '../dataplane/bpf/carry/carry.ts';
import { openBpfDataPlane, rehearseBpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { framesFor, send } from '../doctor/announce.ts';
import type { Address, Family } from '../ipvs/address.ts';
import { FairleadError, messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import { version } from '../ipvs/version.ts';
import { addAddress, listAddresses, removeAddress, restoreAddress } from '../linux/addresses.ts';
import { closeInherited } from '../linux/descriptors.ts';
import { leave } from '../linux/leave.ts';
import { listLinks } from '../linux/links.ts';
import { listenOn as listenOnTcp, namespaceCookie } from '../linux/listening-socket.ts';
import { freePages } from '../linux/memory.ts';
import { inHostNamespace } from '../linux/namespace.ts';
import { type IpPacket, sendAll } from '../linux/raw-ip-socket.ts';
import { openTcpEar } from '../linux/tcp-ear.ts';
import { createAnnouncer } from './announcer.ts';
import { createTag } from './configuration-tag.ts';
import { createDirector } from './director.ts';
import { createDrops } from './drops.ts';
import { createEvents } from './events.ts';
import { keepSweeping } from './expiry.ts';
import { createFarewell } from './farewell.ts';
import { createConfigurationFile } from './file/file.ts';
import { ownTarget } from './file/own-target.ts';
import { readAside } from './file/read-aside.ts';
import { createReload } from './file/reload.ts';
import { createHandlers } from './handlers.ts';
import { openHealth } from './health/open.ts';
import { createListeners } from './listeners.ts';
import { openLog } from './log-output.ts';
import { type DaemonOptions, helpText, readOptions } from './options.ts';
import { createPages } from './pages.ts';
import { outsidePost, type Post, reportFd, residentPost } from './post.ts';
import { createSaved } from './saved.ts';
import { createSelf } from './self.ts';
import { createServerResets } from './server-resets.ts';
import { createSettings } from './settings.ts';
import { createSupervisor, givenSocket, type Supervisor } from './supervisor.ts';
import { sweepRunDirectory } from './sweep.ts';
import { createSyncDaemons } from './sync-daemons.ts';
import { createVips } from './vips.ts';
import { keepWatch } from './watch.ts';

async function main(argv: readonly string[]): Promise<number> {
  const socket = givenSocket(process.env, process.pid);
  closeInherited(isOutside(argv) ? reportFd : (socket ?? 2)); // a caller's lock kept here would be kept for good
  const options = wishOf(argv);
  if (typeof options === 'number') return options;
  const log = openLog(options, process.env);
  const supervisor = createSupervisor({
    environment: process.env,
    pid: process.pid,
    now: () => Number(process.hrtime.bigint()) / 1e6,
  });
  const { namespace } = options;
  const post =
    namespace === undefined
      ? residentPost(supervisor, socket)
      : outsidePost(namespace, options.replaces ?? false);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  process.on('SIGHUP', () => undefined); // the file has yet to be read: that is no reason to end
  try {
    let prepared: LoadOptions['prepared'];
    const rehearse = (): void => {
      // Where everything of the other one is to be discarded, nothing has to fit.
      if (!options.discards) prepared ??= post.first(() => rehearseBpfDataPlane(objectPath()));
    };
    if (!(await post.claim(rehearse))) return 0;
    rehearse();
    if (await isCarriedOver(prepared, stopping.signal, log))
      await serve(post, { ...options, prepared }, stopping, { log, supervisor });
    return 0;
  } catch (error) {
    const { code, detail } =
      error instanceof FairleadError ? error : new FairleadError('SYSTEM_CALL', String(error));
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    post.failed(code, detail);
    return 1;
  }
}

/** Connections and all else of another version's data plane. False where this daemon is to end before it has begun. */
async function isCarriedOver(
  prepared: LoadOptions['prepared'],
  stopping: AbortSignal,
  log: Logger,
): Promise<boolean> {
  if (prepared?.kind !== 'carry') return true;
  log.info("another version's data plane is carried over", { layout: prepared.version });
  for (const _ of prepared.copy()) {
    await setImmediate();
    if (!stopping.aborted) continue;
    prepared.close();
    return false;
  }
  return true;
}

function tellOf(carry: Carry, log: Logger): void {
  const { entries, refused } = carry.passed();
  log.info("another version's data plane has been carried over", { layout: carry.version, entries });
  if (refused > 0) log.warning(`${refused} connections or templates found no room, and are forgotten`);
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
    if (isOutside(argv)) outsidePost(0, false).failed(error.code, error.detail);
    return 2;
  }
}

function isOutside(argv: readonly string[]): boolean {
  return /^\d+$/.test(argv.at(-1) ?? '');
}

type Voices = { readonly log: Logger; readonly supervisor: Supervisor };

async function serve(
  post: Post,
  { connections, config, discards, prepared }: DaemonOptions & Pick<LoadOptions, 'prepared'>,
  stopping: AbortController,
  { log, supervisor }: Voices,
): Promise<void> {
  const { namespace, inside } = post;
  const stop = (): void => stopping.abort();
  const size = connections === undefined ? {} : { connections };
  const plane = post.first(() =>
    openBpfDataPlane(objectPath(), { ...size, discards: discards === true, prepared, inside }),
  );
  if (prepared?.kind === 'carry') tellOf(prepared, log);
  const cookie = post.first(namespaceCookie);
  plane.defend(freePages()); // who changes a defence's mode must not meet a daemon that knows of no memory
  const director = createDirector(plane, { now: () => performance.now(), worked });
  const settings = createSettings(plane);
  const drops = createDrops(plane);
  const events = createEvents(Date.now);
  const syncDaemons = createSyncDaemons({ plane, links: () => inside(listLinks), log });
  const kernel = {
    ...{ links: listLinks, addresses: listAddresses },
    ...{ add: addAddress, remove: removeAddress, restore: restoreAddress },
  };
  const announce = (index: number, mac: string, address: Address): void =>
    send(index, framesFor(mac, address));
  const added = createAnnouncer({ inside, links: listLinks, addresses: listAddresses, announce, log });
  const vips = createVips({ inside, kernel, added });
  const saved = <T>(kind: string) => createSaved<T>(savedPath(namespace, kind), cookie);
  const listeners = createListeners({
    inside,
    onHost: inHostNamespace,
    listenOn: listenOnTcp,
    serve: (...request) => server.serve(...request),
    saved: saved('api'),
    now: Date.now,
    log,
  });
  const sendInside = (packets: readonly IpPacket[]): void => inside(() => sendAll(packets));
  const listen = (family: Family, port: number | undefined) => inside(() => openTcpEar(family, port));
  const awaitAnswers = createServerResets({ listen, sendAll: sendInside, log });
  const farewell = createFarewell({ plane, sendAll: sendInside, awaitAnswers, log });
  const health = await openHealth(namespace, { plane, director, events, farewell, saved, log });
  const refuseWhenGone = (): void => {
    if (plane.alive()) return;
    // The inode of a namespace that has gone may name a new one soon: no request may be answered for it.
    stop();
    throw new FairleadError('NAMESPACE_GONE');
  };
  const changes = createChanges();
  const target = ownTarget({
    before: refuseWhenGone,
    running: () => ({
      vips: vips.list(),
      sysctls: settings.sysctls(),
      timeouts: director.timeouts(),
      marks: settings.markRules(),
      api: listeners.settings(),
      health: health.plan(),
    }),
    services: health.wanted,
    turns: () => takeTurns(() => performance.now()),
    tag: () => tag(),
    changes,
    transact: (calls) => handlers.transaction({ body: calls }),
  });
  const file = createConfigurationFile(config, { target, read: readAside });
  const reload = createReload({ file, supervisor, log });
  const self = createSelf(version);
  const pages = createPages({ director, plane, settings, events, health, self, inside });
  const tag = createTag({ plane, director, settings, syncDaemons, vips, listeners, health });
  const handlers = createHandlers(
    {
      ...{ version, namespace, isSupervised: supervisor.isThere },
      ...(config !== undefined && { configurationFile: resolve(config) }),
    },
    {
      ...{ director, settings, drops, events, farewell, health },
      ...{ syncDaemons, vips, listeners, plane, inside, pages, tag, stop, reload: reload.now },
    },
  );
  const server = createServer(handlers, {
    before: refuseWhenGone,
    tag,
    changes,
    answered: self.answered,
    audit: log.info,
  });
  listeners.adopt();
  process.on('SIGHUP', reload.quietly);
  if (config !== undefined) await reload.first(config);
  const unlist = await listenOn(server, post);
  events.emit({ kind: 'daemon-started', version, adopted: plane.adopted });
  log.info('ready', { version, namespace, services: plane.serviceKeys().length });
  const beat = (): void => {
    supervisor.alive();
    supervisor.status(reload.sentence(plane.serviceKeys().length));
  };
  beat();
  post.ready();
  reload.serving();
  if (!post.isResident) sweep(log);
  const [end] = await Promise.all([
    keepWatch({ director, drops, listeners, plane, inside, events, log, beat }, stopping),
    keepSweeping(director, log, stopping.signal),
    health.run(stopping.signal),
  ]);
  supervisor.stopping();
  unlist();
  listeners.close(end === 'stopped');
  await Promise.all([server.close(), health.close(), reload.close()]);
  plane.close();
  for (const path of [logPath(namespace), lockPath(namespace)]) rmSync(path, { force: true });
  log.info(end === 'gone' ? 'the namespace or its data plane has gone' : 'told to stop; forwarding goes on');
  if (end === 'gone' && post.isResident)
    throw new FairleadError('NAMESPACE_GONE', 'somebody has cleared the filters of lo');
}

/** Answers what takes the socket away again, where it is still this daemon's. */
async function listenOn(server: Server, { listenOn: on }: Post): Promise<() => void> {
  if (typeof on === 'string') rmSync(on, { force: true });
  await server.listen(on);
  if (typeof on !== 'string') return () => undefined;
  const { ino } = lstatSync(on);
  return () => {
    if (lstatSync(on, { throwIfNoEntry: false })?.ino === ino) rmSync(on, { force: true });
  };
}

function sweep(log: Logger): void {
  try {
    sweepRunDirectory();
  } catch (error) {
    log.warning(`${runDirectory}: ${messageOf(error)}`);
  }
}

/** Milliseconds of CPU time, in user space and in the kernel. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** bpf/director.bpf.o, above both dist/ and src/director/. */
function objectPath(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'bpf/director.bpf.o')) && directory !== '/')
    directory = dirname(directory);
  return join(directory, 'bpf/director.bpf.o');
}

await leave(await main(process.argv.slice(2)));
