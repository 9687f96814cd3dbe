/** Services as they stand: what the table remembers, with what the programs have counted. */

import type {
  Counters,
  Destination,
  DestinationCounts,
  Service,
  ServiceConfiguration,
} from '../../ipvs/service.ts';
import type { DestinationSnapshot, ServiceSnapshot } from '../dataplane.ts';
import { flDestinationLoad } from './abi.gen.ts';
import {
  type Counts,
  completed,
  countersIn,
  countersSince,
  type Span,
  spansOf,
  totalCounts,
  totalsByPieces,
} from './codec/counts.ts';
import type { DirectorMaps } from './director-maps.ts';
import { serviceTotal, serviceTotals, slotsOf, type Trashed } from './service-counts.ts';
import type { DestinationEntry, Holding, ServiceEntry } from './table/entries.ts';
import type { Table } from './table/table.ts';

/** What has been counted. */
type Counted = {
  readonly service: (entry: ServiceEntry) => Counters;
  readonly destination: (entry: DestinationEntry) => Counters;
  readonly connections: (entry: DestinationEntry) => DestinationCounts;
};

export function snapshot(maps: DirectorMaps, service: ServiceEntry, trashed: Trashed): ServiceSnapshot {
  // Read once, so that a service has counted what its real servers have.
  const totals = new Map(
    service.destinations.map(({ slot }) => [slot, totalCounts(maps.destinationCounts, slot)]),
  );
  const totalOf = ({ slot }: Holding): Counts =>
    totals.get(slot) ?? totalCounts(maps.destinationCounts, slot);
  return snapshotOf(service, {
    service: (entry) => countersSince(serviceTotal(entry, trashed, totalOf), entry.zeroed),
    destination: (entry) => countersSince(totalOf(entry), entry.zeroed),
    connections: ({ slot }) => {
      const { active, inactive, persistent } = maps.destinationLoad.get(slot);
      return { activeConnections: active, inactiveConnections: inactive, persistentConnections: persistent };
    },
  });
}

export type SnapshotModules = {
  readonly maps: DirectorMaps;
  readonly table: Pick<Table, 'services' | 'trashed' | 'emptied'>;
};

/**
 * All of them, each made when it is asked for: what was counted is read at once before, since a system call for each
 * would take seconds for 100,000 real servers.
 */
export function snapshots(modules: SnapshotModules): Iterable<ServiceSnapshot> {
  const { services, counted } = completed(allCounted(modules));
  return (function* () {
    for (const service of services) yield snapshotOf(service, counted);
  })();
}

/** The same for whoever has other things to do meanwhile: `undefined` where nothing is ready yet. */
export function* snapshotsByPieces(modules: SnapshotModules): Generator<ServiceSnapshot | undefined> {
  const emptied = modules.table.emptied();
  const found = yield* allCounted(modules);
  // Somebody else may have counted meanwhile in slots that were given back.
  const { services, counted } = modules.table.emptied() === emptied ? found : completed(allCounted(modules));
  for (const service of services) yield snapshotOf(service, counted);
}

type AllCounted = { readonly services: readonly ServiceEntry[]; readonly counted: Counted };

function* allCounted({ maps, table }: SnapshotModules): Generator<undefined, AllCounted> {
  const services = [...table.services()];
  const trashed = table.trashed();
  const spans = spansOf(slotsOf(services, trashed));
  const ofDestinations = yield* totalsByPieces(maps.destinationCounts, spans);
  const ofServices = serviceTotals(services, trashed, ofDestinations);
  const counted: Counted = {
    service: ({ slot, zeroed }) => countersIn(ofServices, slot, zeroed),
    destination: ({ slot, zeroed }) => countersIn(ofDestinations, slot, zeroed),
    connections: yield* allConnections(maps, spans),
  };
  return { services, counted };
}

/** Three numbers of each slot in the spans. */
function* allConnections(
  maps: DirectorMaps,
  spans: readonly Span[],
): Generator<undefined, Counted['connections']> {
  const numbers = new Uint32Array(3 * (spans.at(-1)?.end ?? 0));
  const { size, fields } = flDestinationLoad;
  const { active, inactive, persistent } = fields;
  for (const span of spans) {
    for (const { first, count, values } of maps.destinationLoad.pieces(span.first, span.end)) {
      for (let at = 0; at < count; at++) {
        const [from, to] = [at * size, 3 * (first + at)];
        numbers[to] = values.getUint32(from + active.offset, true);
        numbers[to + 1] = values.getUint32(from + inactive.offset, true);
        numbers[to + 2] = values.getUint32(from + persistent.offset, true);
      }
      yield;
    }
  }
  return ({ slot }) => ({
    activeConnections: numbers[3 * slot] ?? 0,
    inactiveConnections: numbers[3 * slot + 1] ?? 0,
    persistentConnections: numbers[3 * slot + 2] ?? 0,
  });
}

function snapshotOf(service: ServiceEntry, counted: Counted): ServiceSnapshot {
  return {
    counters: counted.service(service),
    destinations: service.destinations.map((entry) => destinationSnapshot(entry, counted)),
    ...plainService(service),
  };
}

// Spreads stand last: with one in front, V8 takes thirty times as long.

function destinationSnapshot(entry: DestinationEntry, counted: Counted): DestinationSnapshot {
  return {
    counters: counted.destination(entry),
    ...counted.connections(entry),
    ...plainDestination(entry),
  };
}

export function* configurations(services: readonly ServiceEntry[]): Generator<ServiceConfiguration> {
  for (const service of services)
    yield { destinations: service.destinations.map(plainDestination), ...plainService(service) };
}

function plainDestination(entry: DestinationEntry): Destination {
  const { address, port, method, weight, upperThreshold, lowerThreshold, tunnel } = entry;
  const plain = { address, port, method, weight, upperThreshold, lowerThreshold };
  return tunnel ? { ...plain, tunnel } : plain;
}

/** Without what only the table needs to know. */
function plainService(entry: ServiceEntry): Service {
  const {
    slot: _,
    edition,
    born,
    cursor,
    weightGcd,
    weightMax,
    extent,
    table,
    retired,
    retirement,
    zeroed,
    destinations,
    ...service
  } = entry;
  return service;
}
