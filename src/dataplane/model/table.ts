/**
 * Services and real servers, and what configuring them does to what they have bound. A removed destination goes to
 * the trash: its connections still know it, and adding the same real server again brings it back with them
 * (ip_vs_ctl.c).
 */

import { familyOf } from '../../ipvs/address.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import {
  type Destination as DestinationConfig,
  type DestinationKey,
  destinationKeyText,
  type Service as ServiceConfig,
  type ServiceKey,
  serviceKeyText,
} from '../../ipvs/service.ts';
import { clearCounts, noCounts } from './counters.ts';
import { type Destination, type Memory, nowOf, type Service } from './memory.ts';
import { newSchedulerMemory } from './schedule/memory.ts';
import { fitScheduling } from './schedule/schedule.ts';

export function addService(memory: Memory, config: ServiceConfig): void {
  const service: Service = { config, destinations: [], counts: noCounts(), scheduling: newSchedulerMemory() };
  memory.services.set(serviceKeyText(config), service);
}

export function editService(memory: Memory, config: ServiceConfig): void {
  const service = serviceOf(memory, config);
  if (service.config.scheduler !== config.scheduler) service.scheduling = newSchedulerMemory();
  service.config = config;
}

export function removeService(memory: Memory, key: ServiceKey): void {
  const service = serviceOf(memory, key);
  memory.services.delete(serviceKeyText(key));
  for (const destination of service.destinations) discard(memory, destination);
  for (const destination of memory.destinations.values()) {
    if (destination.service === service) destination.service = undefined;
  }
}

export function addDestination(memory: Memory, key: ServiceKey, config: DestinationConfig): void {
  const service = serviceOf(memory, key);
  const text = trashKey(key, config);
  const destination = memory.destinations.get(text) ?? newDestination(key, config);
  if (destination.service !== service) destination.counts = noCounts();
  destination.service = service;
  destination.available = true;
  destination.sequence = (service.destinations[0]?.sequence ?? 0) + 1;
  destination.lastWeight = config.weight;
  configure(destination, config);
  memory.destinations.set(text, destination);
  setDestinations(service, [destination, ...service.destinations]);
}

export function editDestination(memory: Memory, key: ServiceKey, config: DestinationConfig): void {
  const service = serviceOf(memory, key);
  const destination = destinationOf(service, config);
  if (config.weight > 0) destination.lastWeight = config.weight;
  configure(destination, config);
  fitScheduling(service);
}

export function removeDestination(memory: Memory, key: ServiceKey, destinationKey: DestinationKey): void {
  const service = serviceOf(memory, key);
  const destination = destinationOf(service, destinationKey);
  setDestinations(
    service,
    service.destinations.filter((other) => other !== destination),
  );
  discard(memory, destination);
}

export function zero(memory: Memory, key: ServiceKey): void {
  const service = serviceOf(memory, key);
  clearCounts(service.counts);
  for (const { counts } of service.destinations) clearCounts(counts);
}

/** IPVS keeps a deleted real server for at least so long. */
const trashNanoseconds = 120e9;

/** Lets go of deleted real servers that nothing is bound to any more. */
export function purge(memory: Memory): void {
  const oldest = nowOf(memory) - trashNanoseconds;
  for (const [text, { available, active, inactive, persistent, deletedAt }] of memory.destinations) {
    if (available || deletedAt > oldest || active + inactive + persistent > 0) continue;
    memory.destinations.delete(text);
  }
}

export function findDestination(service: Service, key: DestinationKey): Destination | undefined {
  return service.destinations.find(({ address, port }) => address === key.address && port === key.port);
}

/** A real server, deleted or not. */
export function destinationAnywhere(
  memory: Memory,
  service: ServiceKey,
  key: DestinationKey,
): Destination | undefined {
  return memory.destinations.get(trashKey(service, key));
}

function serviceOf(memory: Memory, key: ServiceKey): Service {
  const service = memory.services.get(serviceKeyText(key));
  if (!service) throw new FairleadError('SERVICE_NOT_FOUND');
  return service;
}

function destinationOf(service: Service, key: DestinationKey): Destination {
  const destination = findDestination(service, key);
  if (!destination) throw new FairleadError('DESTINATION_NOT_FOUND');
  return destination;
}

function setDestinations(service: Service, destinations: readonly Destination[]): void {
  service.destinations = destinations;
  fitScheduling(service);
}

/** A higher upper threshold, or none, is a relief at once, whatever is bound (__ip_vs_update_dest()). */
function configure(destination: Destination, config: DestinationConfig): void {
  const { upperThreshold } = config;
  const isRelieved = upperThreshold === 0 || upperThreshold > destination.config.upperThreshold;
  if (isRelieved) destination.overloaded = false;
  destination.config = config;
}

function discard(memory: Memory, destination: Destination): void {
  destination.available = false;
  destination.deletedAt = nowOf(memory);
}

function newDestination(serviceKey: ServiceKey, config: DestinationConfig): Destination {
  const { address, port } = config;
  return {
    ...{ address, port, family: familyOf(address), serviceKey, service: undefined, config },
    ...{ available: true, sequence: 0, lastWeight: 0, active: 0, inactive: 0, persistent: 0 },
    ...{ overloaded: false, counts: noCounts(), deletedAt: 0 },
    ...{ route: undefined, pathMtu: undefined, sentMtu: undefined },
  };
}

function trashKey(service: ServiceKey, destination: DestinationKey): string {
  return `${serviceKeyText(service)} ${destinationKeyText(destination)}`;
}
