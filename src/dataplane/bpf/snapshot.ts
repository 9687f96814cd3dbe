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
import { completed, countersIn, countersSince, totalCounts, totalsByPieces } from './codec/counts.ts';
import type { DirectorMaps } from './director-maps.ts';
import type { DestinationEntry, ServiceEntry } from './table/entries.ts';

/** What has been counted. */
type Counted = {
  readonly service: (entry: ServiceEntry) => Counters;
  readonly destination: (entry: DestinationEntry) => Counters;
  readonly connections: (entry: DestinationEntry) => DestinationCounts;
};

export function snapshot(maps: DirectorMaps, service: ServiceEntry): ServiceSnapshot {
  return snapshotOf(service, {
    service: ({ slot, zeroed }) => countersSince(totalCounts(maps.serviceCounts, slot), zeroed),
    destination: ({ slot, zeroed }) => countersSince(totalCounts(maps.destinationCounts, slot), zeroed),
    connections: ({ slot }) => {
      const { active, inactive, persistent } = maps.destinationLoad.get(slot);
      return { activeConnections: active, inactiveConnections: inactive, persistentConnections: persistent };
    },
  });
}

/**
 * All of them, each made when it is asked for: what was counted is read at once before, since a system call for each
 * would take seconds for 100,000 real servers.
 */
export function snapshots(maps: DirectorMaps, services: readonly ServiceEntry[]): Iterable<ServiceSnapshot> {
  const counted = completed(allCounted(maps, services));
  return (function* () {
    for (const service of services) yield snapshotOf(service, counted);
  })();
}

/** The same for whoever has other things to do meanwhile: `undefined` where nothing is ready yet. */
export function* snapshotsByPieces(
  maps: DirectorMaps,
  services: readonly ServiceEntry[],
): Generator<ServiceSnapshot | undefined> {
  const counted = yield* allCounted(maps, services);
  for (const service of services) yield snapshotOf(service, counted);
}

function* allCounted(maps: DirectorMaps, services: readonly ServiceEntry[]): Generator<undefined, Counted> {
  const [serviceEnd, destinationEnd] = slotEnds(services);
  const ofServices = yield* totalsByPieces(maps.serviceCounts, 0, serviceEnd);
  const ofDestinations = yield* totalsByPieces(maps.destinationCounts, 0, destinationEnd);
  return {
    service: ({ slot, zeroed }) => countersIn(ofServices, slot, zeroed),
    destination: ({ slot, zeroed }) => countersIn(ofDestinations, slot, zeroed),
    connections: yield* allConnections(maps, destinationEnd),
  };
}

/** Behind the highest slots of services and of their real servers. */
function slotEnds(services: readonly ServiceEntry[]): readonly [services: number, destinations: number] {
  let [serviceEnd, destinationEnd] = [0, 0];
  for (const { slot, destinations } of services) {
    serviceEnd = Math.max(serviceEnd, slot + 1);
    for (const destination of destinations) destinationEnd = Math.max(destinationEnd, destination.slot + 1);
  }
  return [serviceEnd, destinationEnd];
}

/** Three numbers of each slot below `end`. */
function* allConnections(maps: DirectorMaps, end: number): Generator<undefined, Counted['connections']> {
  const numbers = new Uint32Array(3 * end);
  const { size, fields } = flDestinationLoad;
  const { active, inactive, persistent } = fields;
  for (const { first, count, values } of maps.destinationLoad.pieces(0, end)) {
    for (let at = 0; at < count; at++) {
      const [from, to] = [at * size, 3 * (first + at)];
      numbers[to] = values.getUint32(from + active.offset, true);
      numbers[to + 1] = values.getUint32(from + inactive.offset, true);
      numbers[to + 2] = values.getUint32(from + persistent.offset, true);
    }
    yield;
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
    zeroed,
    destinations,
    ...service
  } = entry;
  return service;
}
