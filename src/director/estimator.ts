/**
 * Rates as IPVS estimates them (ip_vs_est.c): every two seconds each average moves a quarter of the way to
 * the rate of those two seconds. Pure; averages are kept in units of 1/1024 per second, bytes of 1/32.
 */

import { type Counters, counterNames, type Rates } from '../ipvs/service.ts';

export const estimationSeconds = 2;

/** The averages of what is counted. */
export type Estimate = Readonly<Record<keyof Counters, number>>;

const scales: Readonly<Record<keyof Counters, number>> = {
  connections: 1024,
  inPackets: 1024,
  outPackets: 1024,
  inBytes: 32,
  outBytes: 32,
};

const each = (value: (name: keyof Counters) => number): Record<keyof Counters, number> =>
  Object.fromEntries(counterNames.map((name) => [name, value(name)])) as Record<keyof Counters, number>;

/** Of what stands still: most real servers do, and should cost nothing. */
export const atRest: Estimate = each(() => 0);

/** One step, two seconds after the one before; `gained` has been counted meanwhile. */
export function stepEstimate(estimate: Estimate, gained: Counters): Estimate {
  return each((name) => stepAverage(estimate[name], gained[name], scales[name]));
}

export function isAtRest(estimate: Estimate): boolean {
  return counterNames.every((name) => estimate[name] === 0);
}

/** One step of one average, which is kept in units of 1/`scale`, after `gained` were counted. */
export function stepAverage(average: number, gained: number, scale: number): number {
  const rate = Math.floor((gained * scale) / estimationSeconds);
  return average + Math.floor((rate - average) / 4);
}

/** The average rounded to nearest, as IPVS rounds. */
export function shownAverage(average: number, scale: number): number {
  return Math.floor((average + scale / 2 - 1) / scale);
}

/** What --rate shows, rounded to nearest. */
export function ratesOf(estimate: Estimate): Rates {
  const rounded = (name: keyof Counters): number => shownAverage(estimate[name], scales[name]);
  return {
    connectionsPerSecond: rounded('connections'),
    inPacketsPerSecond: rounded('inPackets'),
    outPacketsPerSecond: rounded('outPackets'),
    inBytesPerSecond: rounded('inBytes'),
    outBytesPerSecond: rounded('outBytes'),
  };
}

export const noRates: Rates = ratesOf(atRest);
