/** Estimates of every service and real server, stepped on a clock the daemon keeps. */

import type { DataPlane, ServiceSnapshot } from '../dataplane/dataplane.ts';
import { type Counters, destinationKeyText, type Rates, serviceKeyText } from '../ipvs/service.ts';
import { beginEstimate, type Estimate, isAtRest, noRates, ratesOf, stepEstimate } from './estimator.ts';

export type RateBook = {
  /** To be called every two seconds. */
  step(plane: DataPlane): void;
  ofService(service: ServiceSnapshot): Rates;
  ofDestination(service: ServiceSnapshot, index: number): Rates;
  /** Begins anew for a service that was zeroed, or has gone. */
  forget(serviceText: string): void;
  forgetAll(): void;
  /** Rates stand still (run_estimation=0), and what is counted meanwhile never becomes one. */
  pause(): void;
};

export function createRateBook(): RateBook {
  let estimates = new Map<string, Estimate>();
  let paused = false;
  const rates = (key: string): Rates => {
    const estimate = estimates.get(key);
    return estimate ? ratesOf(estimate) : noRates;
  };
  return {
    step(plane) {
      const stepped = new Map<string, Estimate>();
      const advance = (key: string, counters: Counters): void => {
        const old = estimates.get(key);
        if (!old) stepped.set(key, beginEstimate(counters));
        else if (isAtRest(old, counters)) stepped.set(key, old);
        else stepped.set(key, paused ? { ...old, last: counters } : stepEstimate(old, counters));
      };
      for (const service of plane.services()) {
        advance(serviceKeyText(service), service.counters);
        service.destinations.forEach((destination, index) => {
          advance(destinationName(service, index), destination.counters);
        });
      }
      estimates = stepped;
      paused = false;
    },
    ofService: (service) => rates(serviceKeyText(service)),
    ofDestination: (service, index) => rates(destinationName(service, index)),
    forget(serviceText) {
      for (const key of estimates.keys()) {
        if (key === serviceText || key.startsWith(`${serviceText} `)) estimates.delete(key);
      }
    },
    forgetAll: () => estimates.clear(),
    pause() {
      paused = true;
    },
  };
}

function destinationName(service: ServiceSnapshot, index: number): string {
  const destination = service.destinations[index];
  return `${serviceKeyText(service)} ${destination ? destinationKeyText(destination) : ''}`;
}
