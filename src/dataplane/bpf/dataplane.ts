/** The data plane in the kernel: bpf/director.bpf.c on the interfaces of one network namespace. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { HookMode, InterfaceStatus } from '../../ipvs/interface.ts';
import type { Counters } from '../../ipvs/service.ts';
import { iterate, linkIterator } from '../../linux/bpf-iterator.ts';
import { closeFd } from '../../linux/bpf-program.ts';
import type { DataPlane, ServiceSnapshot } from '../dataplane.ts';
import { FlLimit, FlReason, FlSettingFlag } from './abi.gen.ts';
import { decodeConnection } from './codec.ts';
import { type Counts, type CountsMap, countersSince, totalCounts } from './counts.ts';
import { type DirectorMaps, directorMaps } from './director-maps.ts';
import { createInterfaces } from './interfaces.ts';
import { anchorLives, dropAnchor, loadDirector } from './programs.ts';
import { defaultSettings, timeoutsOf, withTimeouts } from './settings.ts';
import { createTable, type ServiceEntry } from './table.ts';

export type BpfDataPlane = DataPlane & {
  /** Whether the namespace's programs are still attached. False once the namespace has gone. */
  alive(): boolean;
  interfaces(): readonly InterfaceStatus[];
  /**
   * Within the namespace: follows new, changed and vanished interfaces; with `verify`, also puts back filters
   * that somebody else has taken off. Returns what went wrong, a line each.
   */
  refreshInterfaces(verify?: boolean): readonly string[];
  /** Within the namespace. Throws INTERFACE_NOT_FOUND, INTERFACE_NOT_ETHERNET, HOOK_UNAVAILABLE. */
  setHookMode(name: string, mode: HookMode): void;
  /** Within the namespace: takes everything off, as if it had never been. Then close(). */
  unload(): void;
};

/**
 * Brings the data plane of the thread's namespace up, or adopts the one that is there.
 * `objectPath` is bpf/director.bpf.o. Throws NO_BPF, NO_LIBRARY, FOREIGN_DATA_PLANE, SYSTEM_CALL.
 */
export function openBpfDataPlane(objectPath: string): BpfDataPlane {
  const { object, anchor } = loadDirector(objectPath, (fresh) => {
    directorMaps(fresh.maps).settings.set(0, { ...defaultSettings, flags: enableLookups() });
  });
  const maps = directorMaps(object.maps);
  const interfaces = createInterfaces(maps, object.programs);
  interfaces.refresh();
  const table = createTable(maps);
  const sweeper = linkIterator(object.programs.fl_sweep, object.maps.connections);
  const sweep = (): void => {
    if (hasConnections(maps, table)) iterate(sweeper);
  };
  sweep();

  return {
    services: () => [...table.services()].map((service) => snapshot(maps, service)),
    serviceKeys: () => [...table.services()],
    service: (key) => {
      const service = table.service(key);
      return service && snapshot(maps, service);
    },
    hasService: (key) => table.service(key) !== undefined,
    hasDestination: (service, key) =>
      table
        .service(service)
        ?.destinations.some((entry) => entry.address === key.address && entry.port === key.port) ?? false,
    addService: table.addService,
    editService: table.editService,
    removeService: table.removeService,
    addDestination: table.addDestination,
    editDestination: table.editDestination,
    removeDestination: table.removeDestination,
    zero: table.zero,
    timeouts: () => timeoutsOf(maps.settings.get(0)),
    setTimeouts: (timeouts) => maps.settings.set(0, withTimeouts(maps.settings.get(0), timeouts)),
    purge: table.purge,
    sweep,
    *connections() {
      const now = process.hrtime.bigint();
      for (const [key, value] of maps.connections.entries()) {
        const bound = table.destinationAt(value.destination);
        if (!bound) continue;
        const destination = { address: bound.address, port: bound.port };
        const status = decodeConnection(key, value, destination, now);
        if (status) yield status;
      }
    },
    connectionTable: () => ({ count: connectionCount(maps, table), limit: FlLimit.FL_LIMIT_CONNECTIONS }),
    notForwarded: () => notForwarded(maps),
    close: () => {
      closeFd(sweeper);
      object.close();
    },

    alive: () => anchorLives(anchor),
    interfaces: interfaces.status,
    refreshInterfaces: (verify) => {
      enableLookups();
      return interfaces.refresh(verify);
    },
    setHookMode: interfaces.setMode,
    unload: () => {
      interfaces.detachAll();
      dropAnchor();
      if (maps.settings.get(0).flags & FlSettingFlag.FL_SETTING_LO_FORWARDING) setLookups('0');
    },
  };
}

const loForwarding = '/proc/sys/net/ipv4/conf/lo/forwarding';

/** The programs' route lookups need forwarding on lo (bpf/lib/next_hop.h). Returns the flag for the settings. */
function enableLookups(): number {
  if (readFileSync(loForwarding, 'utf8').trim() === '1') return 0;
  setLookups('1');
  return FlSettingFlag.FL_SETTING_LO_FORWARDING;
}

function setLookups(value: '0' | '1'): void {
  writeFileSync(loForwarding, value);
}

function snapshot(maps: DirectorMaps, service: ServiceEntry): ServiceSnapshot {
  const { protocol, address, port, scheduler, flags } = service;
  return {
    protocol,
    address,
    port,
    scheduler,
    flags,
    counters: countersOf(maps.serviceCounts, service),
    destinations: service.destinations.map((entry) => {
      const state = maps.destinationState.get(entry.slot);
      return {
        address: entry.address,
        port: entry.port,
        method: entry.method,
        weight: entry.weight,
        activeConnections: state.active,
        inactiveConnections: state.inactive,
        counters: countersOf(maps.destinationCounts, entry),
      };
    }),
  };
}

function countersOf(map: CountsMap, entry: { readonly slot: number; readonly zeroed: Counts }): Counters {
  return countersSince(totalCounts(map, entry.slot), entry.zeroed);
}

/** The connections of each real server, deleted ones included: every entry is bound to exactly one. */
function* boundConnections(maps: DirectorMaps, table: ReturnType<typeof createTable>): Generator<number> {
  for (const slot of table.slots()) {
    const { active, inactive } = maps.destinationState.get(slot);
    yield active + inactive;
  }
}

function connectionCount(maps: DirectorMaps, table: ReturnType<typeof createTable>): number {
  let count = 0;
  for (const bound of boundConnections(maps, table)) count += bound;
  return count;
}

/** Walking an empty table costs as much as its buckets: it is not done for nothing. */
function hasConnections(maps: DirectorMaps, table: ReturnType<typeof createTable>): boolean {
  for (const bound of boundConnections(maps, table)) if (bound > 0) return true;
  return false;
}

/** `FL_REASON_NO_SERVER` is reported as `no_server`. */
function notForwarded(maps: DirectorMaps): Record<string, number> {
  const reasons = Object.entries(FlReason).filter(([name]) => name !== 'FL_REASONS');
  return Object.fromEntries(
    reasons.map(([name, index]) => [
      name.replace('FL_REASON_', '').toLowerCase(),
      maps.notForwarded.get(index).reduce((sum, cpu) => sum + Number(cpu.value), 0),
    ]),
  );
}
