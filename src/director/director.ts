/**
 * The director's decisions: which request is valid against the state there is, in the order IPVS checks
 * (ip_vs_ctl.c), and what it does to the data plane. Refusals are FairleadErrors and change nothing.
 */

import type { ServiceRequest, ServiceSettingsRequest } from '../api/routes.ts';
import type { DataPlane, ServiceSnapshot } from '../dataplane/dataplane.ts';
import { familyOf } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { destinationRefusal, newDestinationRefusal, type Refusal, serviceRefusal } from '../ipvs/refusals.ts';
import { schedulers } from '../ipvs/schedulers.ts';
import {
  type Destination,
  type DestinationKey,
  type ServiceConfiguration,
  type ServiceKey,
  type ServiceSettings,
  type ServiceStatus,
  serviceFamily,
  serviceKeyOf,
} from '../ipvs/service.ts';
import { changedTimeouts, type Timeouts } from '../ipvs/timeouts.ts';
import { type Clocks, createExpiry } from './expiry.ts';
import { createRateBook } from './rates.ts';

export type Director = ReturnType<typeof createDirector>;

export function createDirector(plane: DataPlane, clocks: Clocks) {
  const rates = createRateBook();
  const expiry = createExpiry(plane, clocks);
  const status = (service: ServiceSnapshot): ServiceStatus => {
    const { own, destination: ratesOf } = rates.of(service);
    // Spreads stand last: with one in front, V8 takes thirty times as long.
    const destinations = service.destinations.map((each) => ({ rates: ratesOf(each), ...each }));
    return { rates: own, ...service, destinations };
  };
  const mustHave = (service: ServiceKey, code: 'SERVICE_NOT_FOUND' | 'SERVICE_NOT_DEFINED'): void => {
    if (!plane.hasService(service)) throw new FairleadError(code);
  };
  /** IPVS's messages to other directors have no room for two families. */
  const refuseMixed = (service: ServiceKey, { address }: DestinationKey): void => {
    if (familyOf(address) !== serviceFamily(service) && plane.syncDaemons().length > 0)
      throw new FairleadError('SYNC_MIXED_FAMILIES', address);
  };
  const mustHaveDestination = (service: ServiceKey, key: DestinationKey): void => {
    if (!plane.hasDestination(service, key)) throw new FairleadError('DESTINATION_NOT_FOUND');
  };

  return {
    /** Resolves when what has expired until now is counted no more: to be awaited ahead of a listing (expiry.ts). */
    swept: expiry.beforeListing,

    /** As they are now; each is worked out when it is asked for. */
    services(): Iterable<ServiceStatus> {
      return mapped(plane.services(), status);
    },

    service(key: ServiceKey): ServiceStatus {
      const service = plane.service(key);
      if (!service) throw new FairleadError('SERVICE_NOT_FOUND');
      return status(service);
    },

    addService(request: ServiceRequest): void {
      if (plane.hasService(request)) throw new FairleadError('SERVICE_EXISTS');
      const settings = knownSettings(request);
      refuse(serviceRefusal(request, settings));
      plane.addService({ ...serviceKeyOf(request), ...settings });
      rates.forget(request); // of an earlier one: until it comes again, its removal may be refused in the end
    },

    editService(key: ServiceKey, request: ServiceSettingsRequest): void {
      mustHave(key, 'SERVICE_NOT_FOUND');
      const settings = knownSettings(request);
      refuse(serviceRefusal(key, settings));
      plane.editService({ ...key, ...settings });
    },

    removeService(key: ServiceKey): void {
      mustHave(key, 'SERVICE_NOT_FOUND');
      plane.removeService(key);
    },

    flush(): void {
      plane.removeAllServices();
    },

    addDestination(service: ServiceKey, destination: Destination): void {
      mustHave(service, 'SERVICE_NOT_DEFINED');
      refuseMixed(service, destination);
      refuse(destinationRefusal(service, destination, destination));
      if (plane.hasDestination(service, destination)) throw new FairleadError('DESTINATION_EXISTS');
      refuse(newDestinationRefusal(destination));
      plane.addDestination(service, destination);
    },

    editDestination(service: ServiceKey, destination: Destination): void {
      this.mayEditDestination(service, destination);
      mustHaveDestination(service, destination);
      plane.editDestination(service, destination);
    },

    /** Refuses what can be of no real server of the service. */
    mayEditDestination(service: ServiceKey, destination: Destination): void {
      mustHave(service, 'SERVICE_NOT_DEFINED');
      refuseMixed(service, destination);
      refuse(destinationRefusal(service, destination, destination));
    },

    removeDestination(service: ServiceKey, key: DestinationKey): void {
      mustHave(service, 'SERVICE_NOT_DEFINED');
      mustHaveDestination(service, key);
      plane.removeDestination(service, key);
    },

    /** It gets the last weight above 0 that it had, or 1. */
    enableDestination(service: ServiceKey, key: DestinationKey): void {
      mustHave(service, 'SERVICE_NOT_DEFINED');
      const found = plane
        .service(service)
        ?.destinations.find(({ address, port }) => address === key.address && port === key.port);
      if (!found) throw new FairleadError('DESTINATION_NOT_FOUND');
      const { method, upperThreshold, lowerThreshold, tunnel } = found;
      const weight = found.weight || plane.lastWeight(service, key) || 1;
      const settings = { method, upperThreshold, lowerThreshold, ...(tunnel && { tunnel }) };
      plane.editDestination(service, { ...key, ...settings, weight });
    },

    zero(key: ServiceKey): void {
      mustHave(key, 'SERVICE_NOT_FOUND');
      plane.zero(key);
      rates.forget(key);
    },

    zeroAll(): void {
      for (const service of plane.serviceKeys()) this.zero(service);
    },

    timeouts: (): Timeouts => plane.timeouts(),

    setTimeouts(change: Timeouts): void {
      plane.setTimeouts(changedTimeouts(plane.timeouts(), change));
    },

    connections: (): ReturnType<DataPlane['connections']> => plane.connections(),
    connectionTable: (): ReturnType<DataPlane['connectionTable']> => plane.connectionTable(),

    /** What a service looks like to whoever asks, given what the data plane knows of it. */
    status,

    /** A turn of sweeping (expiry.ts). */
    step: expiry.step,
    sweeps: expiry.sweeps,

    /** To be called once a second, with the free pages. */
    defend(availablePages: number): void {
      if (plane.defend(availablePages)) expiry.hasten();
    },

    /** To be called every two seconds (estimator.ts). */
    stepRates(): void {
      const gains = plane.gains();
      // While rates stand still, what is counted never becomes one.
      if (plane.sysctls().run_estimation === 1) rates.step(gains);
    },
  };
}

/** What was configured of a service, without what has happened to it. */
export function configurationOf({
  counters: _,
  rates: __,
  destinations,
  ...service
}: ServiceStatus): ServiceConfiguration {
  return {
    ...service,
    destinations: destinations.map(
      ({ address, port, method, weight, upperThreshold, lowerThreshold, tunnel }) => ({
        ...{ address, port, method, weight, upperThreshold, lowerThreshold },
        ...(tunnel && { tunnel }),
      }),
    ),
  };
}

function* mapped<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U> {
  for (const value of values) yield change(value);
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal) throw new FairleadError(refusal.code, refusal.detail);
}

function knownSettings(request: ServiceSettingsRequest): ServiceSettings {
  const { flags, persistent, netmask, onePacket } = request;
  const scheduler = schedulers.find((known) => known === request.scheduler);
  const { engine } = request;
  if (!scheduler || (engine !== undefined && engine !== 'sip'))
    throw new FairleadError('SCHEDULER_NOT_FOUND');
  return { scheduler, flags, persistent, netmask, onePacket, ...(engine && { engine }) };
}
