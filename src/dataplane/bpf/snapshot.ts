/** Services as they stand: what the table remembers, with what the programs have counted. */

import type { Destination, DestinationCounts, Service, ServiceConfiguration } from '../../ipvs/service.ts';
import type { DestinationSnapshot, ServiceSnapshot } from '../dataplane.ts';
import { flDestinationState } from './abi.gen.ts';
import { allTotalCounts, type Counts, countersSince, totalCounts } from './codec/counts.ts';
import type { DirectorMaps } from './director-maps.ts';
import type { DestinationEntry, ServiceEntry } from './table/entries.ts';

/** What has been counted, by slot. */
type Counted = {
  readonly service: (slot: number) => Counts;
  readonly destination: (slot: number) => Counts;
  readonly connections: (slot: number) => DestinationCounts;
};

export function snapshot(maps: DirectorMaps, service: ServiceEntry): ServiceSnapshot {
  return snapshotOf(service, {
    service: (slot) => totalCounts(maps.serviceCounts, slot),
    destination: (slot) => totalCounts(maps.destinationCounts, slot),
    connections: (slot) => {
      const { active, inactive, persistent } = maps.destinationState.get(slot);
      return { activeConnections: active, inactiveConnections: inactive, persistentConnections: persistent };
    },
  });
}

/** All of them: what was counted is read at once, since a system call for each would take seconds for 100,000 real servers. */
export function snapshots(maps: DirectorMaps, services: readonly ServiceEntry[]): readonly ServiceSnapshot[] {
  const end = (slots: readonly number[]): number => slots.reduce((most, slot) => Math.max(most, slot + 1), 0);
  const ends = {
    services: end(services.map(({ slot }) => slot)),
    destinations: end(services.flatMap(({ destinations }) => destinations.map(({ slot }) => slot))),
  };
  const counted: Counted = {
    service: allTotalCounts(maps.serviceCounts, ends.services),
    destination: allTotalCounts(maps.destinationCounts, ends.destinations),
    connections: allConnections(maps, ends.destinations),
  };
  return services.map((service) => snapshotOf(service, counted));
}

function allConnections(maps: DirectorMaps, end: number): Counted['connections'] {
  const bytes = maps.destinationState.bytes(end);
  const { active, inactive, persistent } = flDestinationState.fields;
  return (slot) => {
    const at = slot * flDestinationState.size;
    return {
      activeConnections: bytes.getUint32(at + active.offset, true),
      inactiveConnections: bytes.getUint32(at + inactive.offset, true),
      persistentConnections: bytes.getUint32(at + persistent.offset, true),
    };
  };
}

function snapshotOf(service: ServiceEntry, counted: Counted): ServiceSnapshot {
  return {
    counters: countersSince(counted.service(service.slot), service.zeroed),
    destinations: service.destinations.map((entry) => destinationSnapshot(entry, counted)),
    ...plainService(service),
  };
}

// Spreads stand last: with one in front, V8 takes thirty times as long.

function destinationSnapshot(entry: DestinationEntry, counted: Counted): DestinationSnapshot {
  const { slot, zeroed } = entry;
  return {
    counters: countersSince(counted.destination(slot), zeroed),
    ...counted.connections(slot),
    ...plainDestination(entry),
  };
}

export function configurationOf(service: ServiceEntry): ServiceConfiguration {
  return { destinations: service.destinations.map(plainDestination), ...plainService(service) };
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
