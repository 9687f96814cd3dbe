/**
 * What each change of the table comes to: which services and real servers are how before and after it. Where their
 * lists are to lie is found when the change is carried out (places.ts).
 */

import { FairleadError } from '../../../ipvs/errors.ts';
import type { Destination, DestinationKey, Service, ServiceKey } from '../../../ipvs/service.ts';
import { maxWeightOf, weightGcd } from '../../../ipvs/weights.ts';
import { noCounts, totalCounts } from '../codec/counts.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Draft } from './draft.ts';
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
  /** A service as the changes before this one have left it. Throws SERVICE_NOT_FOUND, as `draft` does. */
  readonly service: (key: ServiceKey) => ServiceEntry;
  /** The same for whoever changes its real servers: what becomes of the service is found in there. */
  readonly draft: (key: ServiceKey) => Draft;
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
    retired: noCounts,
    retirement: 0,
    zeroed: noCounts,
    destinations: [],
  };
  return { services: [{ after }], destinations: [] };
}

export function serviceEdit(moment: Moment, wanted: Service): Change {
  const before = moment.service(wanted);
  const { engine: _, ...kept } = before;
  const edited = { ...kept, ...wanted };
  const begun = { edition: before.edition + 1, born: moment.generation, cursor: 0n };
  const after = before.scheduler === wanted.scheduler ? edited : { ...edited, ...begun };
  return { services: [{ before, after }], destinations: [] };
}

/** All at once. Their real servers go to the trash, and what is there already no longer belongs to a service. */
export function serviceRemoval(moment: Moment, keys: readonly ServiceKey[]): Change {
  const { state, generation, now } = moment;
  const services = keys.map(moment.service);
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
  const draft = moment.draft(key);
  const newest = draft.newest();
  const old = state.trash.find(key, destination);
  const entry: DestinationEntry = {
    slot: old?.slot ?? required(state.destinationSlots.take()),
    service: newest?.service ?? keyOnly(key),
    serviceSlot: draft.serviceSlot,
    sequence: (newest?.sequence ?? 0) + 1,
    lastWeight: destination.weight,
    ...(old ? carriedCounts(maps, old, draft.serviceSlot) : { zeroed: noCounts, elsewhere: noCounts }),
    ...destinationOnly(destination),
  };
  draft.add(entry);
  return onlyOf({ slot: entry.slot, before: old ? trashed(old) : free, after: listed(entry) });
}

export function destinationEdit(moment: Moment, key: ServiceKey, destination: Destination): Change {
  const draft = moment.draft(key);
  const old = listedIn(draft, destination);
  const { tunnel: _, ...kept } = old;
  const lastWeight = destination.weight || old.lastWeight;
  const entry: DestinationEntry = { ...kept, ...destinationOnly(destination), lastWeight };
  draft.replace(entry);
  if (sameSettings(old, entry)) return { services: [], destinations: [] };
  return onlyOf({ slot: old.slot, before: listed(old), after: listed(entry) });
}

export function destinationRemoval(moment: Moment, key: ServiceKey, destination: DestinationKey): Change {
  const draft = moment.draft(key);
  const entry = listedIn(draft, destination);
  draft.remove(destination);
  const trash = { ...holdingOf(entry), deletedAt: moment.now, until: moment.generation };
  return onlyOf({ slot: entry.slot, before: listed(entry), after: trashed(trash) });
}

/** What is made of the service, its draft says. */
function onlyOf(destination: Change['destinations'][number]): Change {
  return { services: [], destinations: [destination] };
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
function carriedCounts(
  maps: DirectorMaps,
  old: Holding,
  serviceSlot: number,
): Pick<Holding, 'zeroed' | 'elsewhere'> {
  if (old.serviceSlot === serviceSlot) return { zeroed: old.zeroed, elsewhere: old.elsewhere };
  const total = totalCounts(maps.destinationCounts, old.slot);
  return { zeroed: total, elsewhere: total };
}

function listedIn(draft: Draft, key: DestinationKey): DestinationEntry {
  const entry = draft.find(key);
  if (!entry) throw new FairleadError('DESTINATION_NOT_FOUND');
  return entry;
}
