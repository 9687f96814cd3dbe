/** Estimates of services and real servers, stepped on a clock the daemon keeps. Whoever is at rest is in none of them. */

import type { Gain } from '../dataplane/dataplane.ts';
import {
  type Counters,
  counterNames,
  type DestinationKey,
  destinationKeyText,
  type Rates,
  type ServiceKey,
  serviceKeyText,
} from '../ipvs/service.ts';
import { atRest, type Estimate, isAtRest, noRates, ratesOf, stepEstimate } from './estimator.ts';

export type RateBook = {
  /** To be called every two seconds with what was counted in them. */
  step(gains: Iterable<Gain>): void;
  of(service: ServiceKey): ServiceRates;
  /** Begins anew for a service that is new, or was zeroed. One that has gone comes to rest by itself. */
  forget(service: ServiceKey): void;
};

export type ServiceRates = {
  readonly own: Rates;
  readonly destination: (key: DestinationKey) => Rates;
};

/** The service's own estimate is under this name, which no real server has. */
const own = '';

/** By what `destinationKeyText` writes. */
type Estimates = ReadonlyMap<string, Estimate>;

export function createRateBook(): RateBook {
  let services = new Map<string, Estimates>();
  return {
    step(gains) {
      const gained = gainsByService(gains);
      const stepped = new Map<string, Estimates>();
      for (const name of new Set([...services.keys(), ...gained.keys()])) {
        const estimates = stepAll(services.get(name), gained.get(name));
        if (estimates.size > 0) stepped.set(name, estimates);
      }
      services = stepped;
    },
    of(service) {
      const estimates = services.get(serviceKeyText(service));
      if (!estimates) return { own: noRates, destination: () => noRates };
      const rates = (name: string): Rates => ratesOf(estimates.get(name) ?? atRest);
      return { own: rates(own), destination: (key) => rates(destinationKeyText(key)) };
    },
    forget: (service) => void services.delete(serviceKeyText(service)),
  };
}

type Gained = ReadonlyMap<string, Counters>;

function gainsByService(gains: Iterable<Gain>): ReadonlyMap<string, Gained> {
  const services = new Map<string, Map<string, Counters>>();
  for (const { service, destination, gained } of gains) {
    const name = serviceKeyText(service);
    const known = services.get(name) ?? new Map<string, Counters>();
    services.set(name, known.set(destination ? destinationKeyText(destination) : own, gained));
  }
  return services;
}

const nothing = Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;

function stepAll(estimates: Estimates = new Map(), gained: Gained = new Map()): Estimates {
  const names = new Set([...estimates.keys(), ...gained.keys()]);
  const stepped = [...names].map((name) => {
    const estimate = stepEstimate(estimates.get(name) ?? atRest, gained.get(name) ?? nothing);
    return [name, estimate] as const;
  });
  return new Map(stepped.filter(([, estimate]) => !isAtRest(estimate)));
}
