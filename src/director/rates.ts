/** Estimates of every service and real server, stepped on a clock the daemon keeps. */

import type { DataPlane, ServiceSnapshot } from '../dataplane/dataplane.ts';
import { type Counters, destinationKeyText, type Rates, serviceKeyText } from '../ipvs/service.ts';
import { beginEstimate, type Estimate, noRates, ratesOf, stepEstimate } from './estimator.ts';

export type RateBook = {
  /** To be called every two seconds. */
  step(plane: DataPlane): void;
  ofService(service: ServiceSnapshot): Rates;
  ofDestination(service: ServiceSnapshot, index: number): Rates;
  /** Begins anew for a service that was zeroed, or has gone. */
  forget(serviceText: string): void;
};

export function createRateBook(): RateBook {
  let estimates = new Map<string, Estimate>();
  const rates = (key: string): Rates => {
    const estimate = estimates.get(key);
    return estimate ? ratesOf(estimate) : noRates;
  };
  return {
    step(plane) {
      const stepped = new Map<string, Estimate>();
      const advance = (key: string, counters: Counters): void => {
        const old = estimates.get(key);
        stepped.set(key, old ? stepEstimate(old, counters) : beginEstimate(counters));
      };
      for (const service of plane.services()) {
        advance(serviceKeyText(service), service.counters);
        service.destinations.forEach((destination, index) => {
          advance(destinationName(service, index), destination.counters);
        });
      }
      estimates = stepped;
    },
    ofService: (service) => rates(serviceKeyText(service)),
    ofDestination: (service, index) => rates(destinationName(service, index)),
    forget(serviceText) {
      for (const key of estimates.keys()) {
        if (key === serviceText || key.startsWith(`${serviceText} `)) estimates.delete(key);
      }
    },
  };
}

function destinationName(service: ServiceSnapshot, index: number): string {
  const destination = service.destinations[index];
  return `${serviceKeyText(service)} ${destination ? destinationKeyText(destination) : ''}`;
}
