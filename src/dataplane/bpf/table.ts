/**
 * Services and real servers, mirrored from the maps.
 *
 * The maps are the truth and this is their only writer. A change is written so that the data plane sees it
 * whole: a new destination is complete before its service's list begins with it, a removed one is skipped
 * by the list before it is marked. A service's destinations are a linked list through array slots, newest
 * first: the order IPVS's schedulers walk.
 *
 * A removed destination goes to the trash with its slot, as in IPVS: its connections still name it, and
 * adding the same real server again brings it back with its connection counts.
 */

import { FairleadError } from '../../ipvs/errors.ts';
import {
  type Destination,
  type DestinationKey,
  destinationKeyText,
  type Service,
  type ServiceKey,
  serviceKeyText,
} from '../../ipvs/service.ts';
import { FlLimit } from './abi.gen.ts';
import { type Counts, noCounts, totalCounts } from './counts.ts';
import { fitCursor } from './cursor.ts';
import type { DirectorMaps } from './director-maps.ts';
import { createSlots, type Slots } from './slots.ts';
import { createTableMaps, type TableMaps } from './table-maps.ts';
import { createTrash, type Trash } from './trash.ts';

export type DestinationEntry = Destination & {
  readonly slot: number;
  /** Order of addition within the service, from 1. */
  readonly sequence: number;
  readonly serviceSlot: number;
  /** The last weight above 0, or the one it was added with: what mh's table goes by. */
  readonly lastWeight: number;
  readonly zeroed: Counts;
};

export type ServiceEntry = Service & {
  readonly slot: number;
  /** Grows with each change of the list, of a weight or of the scheduler. */
  readonly generation: number;
  /** Another one for each service and each scheduler it gets: what lblc remembers is of one of them. */
  readonly born: number;
  /** Where the scheduler goes on with this generation. */
  readonly cursor: bigint;
  readonly zeroed: Counts;
  readonly destinations: readonly DestinationEntry[];
};

export type TrashEntry = {
  readonly service: ServiceKey;
  readonly entry: DestinationEntry;
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly deletedAt: bigint;
};

/** IPVS keeps a deleted real server's object for at least this long. */
const trashNanoseconds = 120_000_000_000n;

/** Adopts what the maps hold. */
export function createTable(maps: DirectorMaps) {
  const written = createTableMaps(maps);
  const services = new Map<string, ServiceEntry>();
  const trash = createTrash();
  const bySlot = new Map<number, DestinationKey>();
  const serviceSlots = createSlots(FlLimit.FL_LIMIT_SERVICES);
  const destinationSlots = createSlots(FlLimit.FL_LIMIT_DESTINATIONS);
  adopt(written, services, trash, serviceSlots, destinationSlots);
  for (const { destinations } of services.values())
    for (const entry of destinations) bySlot.set(entry.slot, entry);
  for (const { entry } of trash.all()) bySlot.set(entry.slot, entry);

  const find = (key: ServiceKey): ServiceEntry => {
    const service = services.get(serviceKeyText(key));
    if (!service) throw new FairleadError('SERVICE_NOT_FOUND');
    return service;
  };
  const commit = (service: ServiceEntry): void => {
    written.putService(service);
    services.set(serviceKeyText(service), service);
  };
  const keepInTrash = (item: TrashEntry): void => {
    written.putTrash(item);
    trash.put(item);
  };
  const discard = (service: ServiceKey, entry: DestinationEntry): void => {
    keepInTrash({ service, entry, deletedAt: process.hrtime.bigint() });
  };

  /** Frees trash that no connection refers to; `all` frees it before its time. */
  const purge = (all: boolean): void => {
    const oldest = process.hrtime.bigint() - trashNanoseconds;
    for (const { service, entry, deletedAt } of trash.all()) {
      const state = maps.destinationState.get(entry.slot);
      if (state.active + state.inactive > 0 || (deletedAt > oldest && !all)) continue;
      maps.destinations.set(entry.slot, {});
      trash.remove(service, entry);
      bySlot.delete(entry.slot);
      destinationSlots.free(entry.slot);
    }
  };

  const takeDestinationSlot = (): number => {
    const slot = destinationSlots.take();
    if (slot !== undefined) return slot;
    purge(true);
    return required(destinationSlots.take());
  };

  return {
    services: (): IterableIterator<ServiceEntry> => services.values(),
    service: (key: ServiceKey): ServiceEntry | undefined => services.get(serviceKeyText(key)),
    /** The real server in a slot, deleted ones included. */
    destinationAt: (slot: number): DestinationKey | undefined => bySlot.get(slot),
    /** Every slot in use, those in the trash included. */
    slots: (): IterableIterator<number> => bySlot.keys(),
    purge: (): void => purge(false),

    addService(service: Service): void {
      const slot = required(serviceSlots.take());
      try {
        maps.serviceState.set(slot, {});
        maps.serviceCounts.clear(slot);
        commit({
          ...service,
          slot,
          generation: 1,
          born: birth(),
          cursor: 0n,
          zeroed: noCounts,
          destinations: [],
        });
      } catch (error) {
        serviceSlots.free(slot);
        throw error;
      }
    },

    editService(service: Service): void {
      const old = find(service);
      if (old.scheduler === service.scheduler) commit({ ...old, ...service });
      else commit({ ...old, ...service, generation: old.generation + 1, born: birth(), cursor: 0n });
    },

    removeService(key: ServiceKey): void {
      const service = find(key);
      written.dropService(service);
      services.delete(serviceKeyText(key));
      // Its slot may soon be another service's: what comes back from the trash must not take that for its own.
      for (const entry of service.destinations) discard(key, { ...entry, serviceSlot: 0 });
      for (const { entry, ...item } of trash.ofService(key)) {
        if (entry.serviceSlot === service.slot) keepInTrash({ ...item, entry: { ...entry, serviceSlot: 0 } });
      }
      serviceSlots.free(service.slot);
    },

    addDestination(key: ServiceKey, destination: Destination): void {
      const service = find(key);
      const old = trash.find(key, destination)?.entry;
      const slot = old?.slot ?? takeDestinationSlot();
      try {
        if (!old) written.clearDestination(slot);
        const entry: DestinationEntry = {
          ...destination,
          slot,
          sequence: (service.destinations[0]?.sequence ?? 0) + 1,
          serviceSlot: service.slot,
          lastWeight: destination.weight,
          zeroed: old ? carriedCounts(maps, old, service) : noCounts,
        };
        written.putDestination(service, entry, service.destinations[0]);
        commit(changed(maps, service, [entry, ...service.destinations]));
      } catch (error) {
        if (!old) destinationSlots.free(slot);
        throw error;
      }
      trash.remove(key, destination);
      bySlot.set(slot, destination);
    },

    editDestination(key: ServiceKey, destination: Destination): void {
      const service = find(key);
      const index = indexOf(service, destination);
      const old = required(service.destinations[index]);
      const entry = { ...old, ...destination, lastWeight: destination.weight || old.lastWeight };
      written.putDestination(service, entry, service.destinations[index + 1]);
      commit(changed(maps, service, service.destinations.with(index, entry)));
    },

    removeDestination(key: ServiceKey, destination: DestinationKey): void {
      const service = find(key);
      const index = indexOf(service, destination);
      const entry = required(service.destinations[index]);
      const newer = service.destinations[index - 1];
      if (newer) written.putDestination(service, newer, service.destinations[index + 1]);
      commit(changed(maps, service, service.destinations.toSpliced(index, 1)));
      discard(key, entry);
    },

    zero(key: ServiceKey): void {
      const service = find(key);
      const destinations = service.destinations.map((entry) => ({
        ...entry,
        zeroed: totalCounts(maps.destinationCounts, entry.slot),
      }));
      destinations.forEach((entry, index) => {
        written.putDestination(service, entry, destinations[index + 1]);
      });
      commit({ ...service, destinations, zeroed: totalCounts(maps.serviceCounts, service.slot) });
    },
  };
}

function adopt(
  written: TableMaps,
  services: Map<string, ServiceEntry>,
  trash: Trash,
  serviceSlots: Slots,
  destinationSlots: Slots,
): void {
  const listed = new Set<number>();
  // The map's own order is that of a hash; slots are given out in the order of addition.
  for (const service of [...written.readServices()].sort((a, b) => a.slot - b.slot)) {
    services.set(serviceKeyText(service), service);
    serviceSlots.occupy(service.slot);
    for (const { slot } of service.destinations) listed.add(slot);
  }
  // A daemon that ended between a destination's change and its service's left the service's sums behind.
  for (const service of services.values()) written.putService(service);
  const inUse = new Set([...services.values()].map(({ slot }) => slot));
  for (const item of written.readDestinations()) {
    destinationSlots.occupy(item.entry.slot);
    if (listed.has(item.entry.slot)) continue;
    // Without a time it was being added or removed when its daemon ended: it belongs in the trash.
    const deletedAt = item.deletedAt || process.hrtime.bigint();
    const serviceSlot = inUse.has(item.entry.serviceSlot) ? item.entry.serviceSlot : 0;
    const trashed = { ...item, deletedAt, entry: { ...item.entry, serviceSlot } };
    if (!item.deletedAt || serviceSlot !== item.entry.serviceSlot) written.putTrash(trashed);
    trash.put(trashed);
  }
}

/** A real server that returns to the service object it left keeps its counters; to a new one, it starts at 0. */
function carriedCounts(maps: DirectorMaps, old: DestinationEntry, service: ServiceEntry): Counts {
  return old.serviceSlot === service.slot ? old.zeroed : totalCounts(maps.destinationCounts, old.slot);
}

/** The scheduler's place is the data plane's, unless no packet has come since the change before. */
function changed(
  maps: DirectorMaps,
  service: ServiceEntry,
  destinations: readonly DestinationEntry[],
): ServiceEntry {
  const { generation, cursor } = maps.serviceState.get(service.slot);
  const place = generation === service.generation ? cursor : service.cursor;
  return {
    ...service,
    destinations,
    generation: service.generation + 1,
    cursor: fitCursor(service.scheduler, place, destinations),
  };
}

/** Milliseconds of CLOCK_MONOTONIC, as 32 bits hold them. */
function birth(): number {
  return Number((process.hrtime.bigint() / 1_000_000n) & 0xffffffffn);
}

function indexOf(service: ServiceEntry, key: DestinationKey): number {
  const text = destinationKeyText(key);
  const index = service.destinations.findIndex((entry) => destinationKeyText(entry) === text);
  if (index < 0) throw new FairleadError('DESTINATION_NOT_FOUND');
  return index;
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new FairleadError('OUT_OF_MEMORY');
  return value;
}
