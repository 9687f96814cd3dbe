import type { AddressClaim } from '../../ipvs/claim.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import type { HookMode, InterfaceStatus } from '../../ipvs/interface.ts';
import { listAddresses } from '../../linux/addresses.ts';
import { readObject } from '../../linux/bpf-object.ts';
import { runSystemProgram } from '../../linux/bpf-test-run.ts';
import type { DataPlane, NotForwarded, ServiceSnapshot, StateCount, TableUse } from '../dataplane.ts';
import { objectSha256 } from './abi.gen.ts';
import { anchorLives, dropAnchor, type LoadOptions, openAnchor, type Prepared, rehearse } from './anchor.ts';
import { countStates, tableUse } from './census.ts';
import { decodeClaim } from './codec/claim.ts';
import { decodeExample, reasons } from './codec/not-forwarded.ts';
import { decodeSyncDaemons, encodeSyncDaemons } from './codec/sync-daemon.ts';
import { createConnections } from './connections.ts';
import { type DirectorMaps, directorMaps } from './director-maps.ts';
import { createGains } from './gains.ts';
import { createInterfaces, wantedPrograms } from './interfaces.ts';
import { createLookout, serversIn } from './lookout.ts';
import { enableLookups, restoreLookups } from './lookups.ts';
import { createMarkRules } from './mark-rules.ts';
import { defaultSettings, timeoutsOf, withConnectionLimit, withTimeouts } from './settings.ts';
import { configurations, snapshot, snapshots, snapshotsByPieces } from './snapshot.ts';
import { sysctlsOf } from './sysctls.ts';
import type { Change } from './table/entries.ts';
import { createTable } from './table/table.ts';
import { addressOfChunk, createTables, layTables } from './tables.ts';
import { createWalks } from './walks.ts';

export type BpfDataPlane = DataPlane & {
  /** Whether it was there already when it was opened. */
  readonly adopted: boolean;
  /** What services() has, for whoever does other things meanwhile: `undefined` where nothing is ready yet. */
  servicesByPieces(): Generator<ServiceSnapshot | undefined>;
  tableUse(): TableUse;
  /** Connections by state, counted a piece at a time: whoever asks may do other things between two pieces. */
  countStates(): Generator<void, readonly StateCount[]>;
  /** Another text for each configuration of services, real servers and mark rules, here and in every other data plane. */
  generation(): string;
  /** Whether the namespace's programs are still attached. False once the namespace has gone. */
  alive(): boolean;
  interfaces(): readonly InterfaceStatus[];
  /** Within the namespace: names of those that have lost a filter since they were last looked after. */
  bareInterfaces(): readonly string[];
  /** Who else has claimed a virtual address, the latest first. */
  claims(): readonly AddressClaim[];
  /**
   * Within the namespace: follows new, changed and vanished interfaces, and what leaves by them where there is something
   * to see; with `verify`, also this host's addresses, and puts back filters and switches of route lookups that somebody else has
   * changed. Returns what went wrong, a line each.
   */
  refreshInterfaces(verify?: boolean): readonly string[];
  /** Within the namespace. Throws INTERFACE_NOT_FOUND, INTERFACE_NOT_ETHERNET, HOOK_UNAVAILABLE. */
  setHookMode(name: string, mode: HookMode): void;
  /** Within the namespace: takes everything off, as if it had never been. Then close(). */
  unload(): void;
  /** What time it is for the programs, where they were loaded to go by it. Nanoseconds. */
  setTestClock(nanoseconds: bigint): void;
};

export type OpenOptions = LoadOptions & {
  /** Runs a synchronous action in the namespace, wherever the thread is when a change is asked for. */
  readonly inside: <T>(action: () => T) => T;
};

/**
 * Brings the data plane of the thread's namespace up, or adopts the one that is there, which keeps its size.
 * `objectPath` is bpf/director.bpf.o. Throws NO_BPF, NO_LIBRARY, OBJECT_MISMATCH,
 * FOREIGN_DATA_PLANE, SYSTEM_CALL.
 */
export function openBpfDataPlane(objectPath: string, options: OpenOptions): BpfDataPlane {
  const file = readObject(objectPath, objectSha256);
  const { programs, isNew, ...opened } = openAnchor(file, options, wantedPrograms(), (made, align) => {
    const limit = options.connections ?? defaultSettings.connectionLimit;
    const settings = { ...withConnectionLimit(defaultSettings, limit), flags: enableLookups() };
    const fresh = directorMaps(made);
    layTables(fresh, () => addressOfChunk(align));
    fresh.settings.set(0, settings);
  });
  const maps = directorMaps(opened.maps);
  const now = options.testClock ? () => maps.testClock.get(0).value : () => process.hrtime.bigint();
  const interfaces = createInterfaces(maps, programs);
  interfaces.refresh();
  const anchor = opened.settle();
  const relieve = (slot: number): void => {
    runSystemProgram(programs.fd('fl_relieve'), new Uint8Array(Uint32Array.of(slot).buffer));
  };
  const lookout = createLookout({
    maps,
    servers: () => table.holdings(),
    own: () => new Set(listAddresses().map(({ address }) => address)),
  });
  /** All interfaces, or the change is refused. */
  const beforeCommit = (change: Change): void => {
    const coming = interfaces.looksOut() ? [] : serversIn(change);
    if (coming.length === 0) return;
    options.inside(() => {
      const failures = lookout.mayAnswer(coming) ? interfaces.lookOut(true) : [];
      if (failures.length === 0) return;
      interfaces.lookOut(false);
      throw new FairleadError('HOOK_UNAVAILABLE', `on the way out: ${failures.join('; ')}`);
    });
  };
  const table = createTable({ maps, relieve, now, isNew, beforeCommit });
  interfaces.lookOut(lookout.isNeeded());
  const limit = (): number => maps.settings.get(0).connectionLimit;
  const walks = createWalks({ programs, maps, limit });
  const tables = createTables({ maps, walks, limit });
  const connections = createConnections({ maps, tables, walks, table, now });
  connections.sweep();

  return {
    ...createMarkRules(table, interfaces),
    ...connections,
    services: () => snapshots({ maps, table }),
    servicesByPieces: () => snapshotsByPieces({ maps, table }),
    serviceKeys: () => [...table.services()],
    configuration: () => configurations([...table.services()]),
    batch: table.batch,
    transaction: table.transaction,
    transactionByPieces: table.transactionByPieces,
    service: (key) => {
      const service = table.service(key);
      return service && snapshot(maps, service, table.trashed(key));
    },
    hasService: table.hasService,
    hasDestination: (service, key) => table.destination(service, key) !== undefined,
    addService: table.addService,
    editService: table.editService,
    removeService: table.removeService,
    removeAllServices: table.removeAllServices,
    addDestination: table.addDestination,
    editDestination: table.editDestination,
    removeDestination: table.removeDestination,
    lastWeight: (service, key) => table.destination(service, key)?.lastWeight ?? 0,
    zero: table.zero,
    gains: createGains({ maps, table }),
    timeouts: () => timeoutsOf(maps.settings.get(0)),
    setTimeouts: (timeouts) => maps.settings.set(0, withTimeouts(maps.settings.get(0), timeouts)),
    sysctls: () => sysctlsOf(maps.settings.get(0)),
    syncDaemons: () => decodeSyncDaemons(maps.settings.get(0).syncDaemons),
    setSyncDaemons: (daemons) =>
      maps.settings.set(0, { ...maps.settings.get(0), syncDaemons: encodeSyncDaemons(daemons) }),
    purge: table.purge,
    notForwarded: () => notForwarded(maps, now()),
    close: opened.close,

    adopted: !isNew,
    tableUse: () => tableUse(maps),
    countStates: () => countStates(maps),
    generation: () => `${anchor}.${maps.settings.get(0).generation}`,
    alive: () => anchorLives(anchor),
    interfaces: interfaces.status,
    bareInterfaces: interfaces.bare,
    claims: () => claimsOf(maps, interfaces.status(), now()),
    refreshInterfaces: (verify = false) => {
      if (verify) enableLookups();
      const isNeeded = lookout.isAtWork() || (verify ? lookout.isNeeded() : interfaces.looksOut());
      return [...interfaces.refresh(verify), ...interfaces.lookOut(isNeeded)];
    },
    setHookMode: interfaces.setMode,
    unload: () => {
      interfaces.detachAll();
      dropAnchor();
      restoreLookups(maps.settings.get(0).flags);
    },
    setTestClock: (nanoseconds) => maps.testClock.set(0, { value: nanoseconds }),
  };
}

/**
 * Whether openBpfDataPlane could take over what is there in the thread's namespace, without doing it: throws the same.
 * What has been loaded for it is to be handed to openBpfDataPlane. Where it is to carry over another version's data
 * plane, whoever has other things to do meanwhile lets it `copy()` first.
 */
export function rehearseBpfDataPlane(objectPath: string): Prepared | undefined {
  return rehearse(readObject(objectPath, objectSha256), wantedPrograms());
}

function notForwarded(maps: DirectorMaps, now: bigint): NotForwarded {
  return Object.fromEntries(
    reasons.map(([reason, index]) => {
      const packets = maps.notForwarded.get(index).reduce((sum, cpu) => sum + Number(cpu.value), 0);
      const example = packets > 0 ? decodeExample(maps.lastDropped.get(index), now) : undefined;
      return [reason, { packets, ...(example && { example }) }];
    }),
  );
}

function claimsOf(
  maps: DirectorMaps,
  interfaces: readonly InterfaceStatus[],
  now: bigint,
): readonly AddressClaim[] {
  const nameOf = (wanted: number): string =>
    interfaces.find(({ index }) => index === wanted)?.name ?? String(wanted);
  return [...maps.claims.entries()]
    .map(([key, claim]) => decodeClaim(key, claim, now))
    .map((claim) => ({ ...claim, interface: nameOf(claim.interface) }))
    .sort((a, b) => a.lastSecondsAgo - b.lastSecondsAgo);
}
