/**
 * What each change of the table comes to: which services and real servers are how before and after it. Where their
 * lists are to lie is found when the change is carried out (places.ts).
 */

import { FairleadError } from '../../../ipvs/errors.ts';
import {
  type Destination,
  type DestinationKey,
  destinationKeyText,
  type Service,
  type ServiceKey,
  serviceKeyText,
} from '../../../ipvs/service.ts';
import { maxWeightOf, weightGcd } from '../../../ipvs/weights.ts';
import { type Counts, noCounts, totalCounts } from '../codec/counts.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { fitCursor } from './cursor.ts';
import {
  type Change,
  type DestinationEntry,
  free,
  type Holding,
  listed,
  type ServiceEntry,
  trashed,
} from './entries.ts';
import { noExtent } from './extents.ts';
import { required } from './places.ts';
import type { State } from './state.ts';

/** What a plan is made from. The maps are only read. */
export type Moment = {
  readonly state: State;
  readonly maps: DirectorMaps;
  /** The one that the change takes effect with. */
  readonly generation: number;
  /** Nanoseconds of the data plane's clock. */
  readonly now: bigint;
};

export function serviceAddition({ state, generation }: Moment, service: Service): Change {
  const after: ServiceEntry = {
    ...service,
    slot: required(state.serviceSlots.take()),
    edition: 1,
    born: generation,
    cursor: 0n,
    weightGcd: weightGcd([]),
    weightMax: maxWeightOf([]),
    extent: noExtent,
    table: 0,
    zeroed: noCounts,
    destinations: [],
  };
  return { services: [{ after }], destinations: [] };
}

export function serviceEdit({ state, generation }: Moment, service: Service): Change {
  const before = find(state, service);
  const { engine: _, ...kept } = before;
  const edited = { ...kept, ...service };
  const begun = { edition: before.edition + 1, born: generation, cursor: 0n };
  const after = before.scheduler === service.scheduler ? edited : { ...edited, ...begun };
  return { services: [{ before, after }], destinations: [] };
}

/** All at once. Their real servers go to the trash, and what is there already no longer belongs to a service. */
export function serviceRemoval({ state, generation, now }: Moment, keys: readonly ServiceKey[]): Change {
  const services = keys.map((key) => find(state, key));
  const listedOnes = services.flatMap(({ destinations }) =>
    destinations.map((entry) => ({
      slot: entry.slot,
      before: listed(entry),
      after: trashed({ ...holdingOf(entry), serviceSlot: 0, deletedAt: now, until: generation }),
    })),
  );
  const trashedOnes = services
    .flatMap((service) => state.trash.ofService(service))
    .filter(({ serviceSlot }) => serviceSlot !== 0)
    .map((entry) => ({
      slot: entry.slot,
      before: trashed(entry),
      after: trashed({ ...entry, serviceSlot: 0 }),
    }));
  return {
    services: services.map((before) => ({ before })),
    destinations: [...listedOnes, ...trashedOnes],
  };
}

export function destinationAddition(moment: Moment, key: ServiceKey, destination: Destination): Change {
  const { state, maps } = moment;
  const service = find(state, key);
  const [newest] = service.destinations;
  const old = state.trash.find(key, destination);
  const entry: DestinationEntry = {
    slot: old?.slot ?? required(state.destinationSlots.take()),
    service: newest?.service ?? keyOnly(key),
    serviceSlot: service.slot,
    sequence: (newest?.sequence ?? 0) + 1,
    lastWeight: destination.weight,
    zeroed: old ? carriedCounts(maps, old, service) : noCounts,
    ...destinationOnly(destination),
  };
  const after = relisted(moment.maps, service, [entry, ...service.destinations]);
  const change = { slot: entry.slot, before: old ? trashed(old) : free, after: listed(entry) };
  return { services: [{ before: service, after }], destinations: [change] };
}

export function destinationEdit(moment: Moment, key: ServiceKey, destination: Destination): Change {
  const service = find(moment.state, key);
  const index = indexOf(service, destination);
  const old = required(service.destinations[index]);
  const { tunnel: _, ...kept } = old;
  const lastWeight = destination.weight || old.lastWeight;
  const entry: DestinationEntry = { ...kept, ...destinationOnly(destination), lastWeight };
  const after = relisted(moment.maps, service, service.destinations.with(index, entry));
  const change = { slot: old.slot, before: listed(old), after: listed(entry) };
  return {
    services: [{ before: service, after }],
    destinations: sameSettings(old, entry) ? [] : [change],
  };
}

export function destinationRemoval(moment: Moment, key: ServiceKey, destination: DestinationKey): Change {
  const service = find(moment.state, key);
  const index = indexOf(service, destination);
  const entry = required(service.destinations[index]);
  const after = relisted(moment.maps, service, service.destinations.toSpliced(index, 1));
  const trash = { ...holdingOf(entry), deletedAt: moment.now, until: moment.generation };
  const change = { slot: entry.slot, before: listed(entry), after: trashed(trash) };
  return { services: [{ before: service, after }], destinations: [change] };
}

/** The service with another list. The scheduler's place is the data plane's, unless no packet has come since the change before. */
function relisted(
  maps: DirectorMaps,
  service: ServiceEntry,
  destinations: readonly DestinationEntry[],
): ServiceEntry {
  const { edition, cursor } = maps.serviceState.get(service.slot);
  const place = edition === service.edition ? cursor : service.cursor;
  const weights = destinations.map(({ weight }) => weight);
  return {
    ...service,
    destinations,
    edition: service.edition + 1,
    cursor: fitCursor(service.scheduler, place, destinations),
    weightGcd: weightGcd(weights),
    weightMax: maxWeightOf(weights),
  };
}

function sameSettings(a: Holding, b: Holding): boolean {
  return (
    a.method === b.method &&
    a.weight === b.weight &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    a.tunnel?.type === b.tunnel?.type &&
    a.tunnel?.port === b.tunnel?.port &&
    a.tunnel?.checksum === b.tunnel?.checksum
  );
}

/** Without whatever else the caller's object says. */
function keyOnly(key: ServiceKey): ServiceKey {
  if (key.kind === 'mark') return { kind: 'mark', mark: key.mark, family: key.family };
  return { kind: 'address', protocol: key.protocol, address: key.address, port: key.port };
}

function destinationOnly(destination: Destination): Destination {
  const { address, port, method, weight, upperThreshold, lowerThreshold, tunnel } = destination;
  const plain = { address, port, method, weight, upperThreshold, lowerThreshold };
  return tunnel ? { ...plain, tunnel } : plain;
}

/** Without its place in the list. */
function holdingOf(entry: DestinationEntry): Holding {
  const { lastWeight: _, sequence: __, ...holding } = entry;
  return holding;
}

/** A real server that returns to the service object it left keeps its counters; to a new one, it starts at 0. */
function carriedCounts(maps: DirectorMaps, old: Holding, service: ServiceEntry): Counts {
  return old.serviceSlot === service.slot ? old.zeroed : totalCounts(maps.destinationCounts, old.slot);
}

function find(state: State, key: ServiceKey): ServiceEntry {
  const service = state.services.get(serviceKeyText(key));
  if (!service) throw new FairleadError('SERVICE_NOT_FOUND');
  return service;
}

function indexOf(service: ServiceEntry, key: DestinationKey): number {
  const text = destinationKeyText(key);
  const index = service.destinations.findIndex((entry) => destinationKeyText(entry) === text);
  if (index < 0) throw new FairleadError('DESTINATION_NOT_FOUND');
  return index;
}
