/**
 * The director's decisions: which request is valid against the state there is, in the order IPVS checks
 * (ip_vs_ctl.c), and what it does to the data plane. Refusals are FairleadErrors and change nothing.
 */

import type { ServiceRequest } from '../api/routes.ts';
import type { DataPlane, ServiceSnapshot } from '../dataplane/dataplane.ts';
import { isUnicast } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type Scheduler, schedulers } from '../ipvs/schedulers.ts';
import {
  type Destination,
  type DestinationKey,
  type ServiceKey,
  type ServiceStatus,
  serviceKeyText,
} from '../ipvs/service.ts';
import { changedTimeouts, type Timeouts } from '../ipvs/timeouts.ts';
import { createExpiry } from './expiry.ts';
import { createRateBook } from './rates.ts';

export type Director = ReturnType<typeof createDirector>;

/** `now` is a monotonic clock in milliseconds. */
export function createDirector(plane: DataPlane, now: () => number) {
  const rates = createRateBook();
  const expiry = createExpiry(plane, now);
  const status = (service: ServiceSnapshot): ServiceStatus => ({
    ...service,
    rates: rates.ofService(service),
    destinations: service.destinations.map((destination, index) => ({
      ...destination,
      rates: rates.ofDestination(service, index),
    })),
  });
  const mustHave = (service: ServiceKey, code: 'SERVICE_NOT_FOUND' | 'SERVICE_NOT_DEFINED'): void => {
    if (!plane.hasService(service)) throw new FairleadError(code);
  };
  const mustHaveDestination = (service: ServiceKey, key: DestinationKey): void => {
    mustHave(service, 'SERVICE_NOT_DEFINED');
    if (!plane.hasDestination(service, key)) throw new FairleadError('DESTINATION_NOT_FOUND');
  };

  return {
    services(): readonly ServiceStatus[] {
      expiry.beforeListing();
      return plane.services().map(status);
    },

    service(key: ServiceKey): ServiceStatus {
      expiry.beforeListing();
      const service = plane.service(key);
      if (!service) throw new FairleadError('SERVICE_NOT_FOUND');
      return status(service);
    },

    addService(request: ServiceRequest): void {
      if (plane.hasService(request)) throw new FairleadError('SERVICE_EXISTS');
      plane.addService({ ...request, scheduler: knownScheduler(request.scheduler) });
    },

    editService(request: ServiceRequest): void {
      mustHave(request, 'SERVICE_NOT_FOUND');
      plane.editService({ ...request, scheduler: knownScheduler(request.scheduler) });
    },

    removeService(key: ServiceKey): void {
      mustHave(key, 'SERVICE_NOT_FOUND');
      plane.removeService(key);
      rates.forget(serviceKeyText(key));
    },

    flush(): void {
      for (const service of plane.serviceKeys()) this.removeService(service);
    },

    addDestination(service: ServiceKey, destination: Destination): void {
      mustHave(service, 'SERVICE_NOT_DEFINED');
      if (!isUnicast(destination.address)) throw new FairleadError('DESTINATION_NOT_UNICAST');
      if (plane.hasDestination(service, destination)) throw new FairleadError('DESTINATION_EXISTS');
      plane.addDestination(service, destination);
    },

    editDestination(service: ServiceKey, destination: Destination): void {
      mustHaveDestination(service, destination);
      plane.editDestination(service, destination);
    },

    removeDestination(service: ServiceKey, key: DestinationKey): void {
      mustHaveDestination(service, key);
      plane.removeDestination(service, key);
    },

    zero(key: ServiceKey): void {
      mustHave(key, 'SERVICE_NOT_FOUND');
      plane.zero(key);
      rates.forget(serviceKeyText(key));
    },

    zeroAll(): void {
      for (const service of plane.serviceKeys()) this.zero(service);
    },

    timeouts: (): Timeouts => plane.timeouts(),

    setTimeouts(change: Timeouts): void {
      plane.setTimeouts(changedTimeouts(plane.timeouts(), change));
    },

    connectionTable(): ReturnType<DataPlane['connectionTable']> {
      expiry.beforeListing();
      return plane.connectionTable();
    },

    /** To be called a few times a second (expiry.ts). */
    expire: expiry.tick,

    /** To be called every two seconds (estimator.ts). */
    stepRates(): void {
      rates.step(plane);
    },
  };
}

function knownScheduler(name: string): Scheduler {
  const scheduler = schedulers.find((known) => known === name);
  if (!scheduler) throw new FairleadError('SCHEDULER_NOT_FOUND');
  return scheduler;
}
