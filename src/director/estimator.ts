/**
 * Rates as IPVS estimates them (ip_vs_est.c): every two seconds each average moves a quarter of the way to
 * the rate of those two seconds. Pure; averages are kept in units of 1/1024 per second, bytes of 1/32.
 */

import type { Counters, Rates } from '../ipvs/service.ts';

export const estimationSeconds = 2;

export type Estimate = {
  readonly last: Counters;
  readonly averages: Readonly<Record<keyof Counters, number>>;
};

const scales: Readonly<Record<keyof Counters, number>> = {
  connections: 1024,
  inPackets: 1024,
  outPackets: 1024,
  inBytes: 32,
  outBytes: 32,
};

const names = Object.keys(scales) as (keyof Counters)[];
const each = (value: (name: keyof Counters) => number): Record<keyof Counters, number> =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<keyof Counters, number>;

/** An estimate that begins now. */
export function beginEstimate(counters: Counters): Estimate {
  return { last: counters, averages: each(() => 0) };
}

/** One step, two seconds after the one before. Counters that went back (-Z) count from there. */
export function stepEstimate({ last, averages }: Estimate, counters: Counters): Estimate {
  return {
    last: counters,
    averages: each((name) => stepAverage(averages[name], counters[name] - last[name], scales[name])),
  };
}

/** Whether a step would change nothing: of many real servers most are idle, and should cost nothing. */
export function isAtRest({ last, averages }: Estimate, counters: Counters): boolean {
  return names.every((name) => averages[name] === 0 && last[name] === counters[name]);
}

/** One step of one average, which is kept in units of 1/`scale`, after `gained` were counted. */
export function stepAverage(average: number, gained: number, scale: number): number {
  const rate = Math.floor((Math.max(0, gained) * scale) / estimationSeconds);
  return average + Math.floor((rate - average) / 4);
}

/** The average rounded to nearest, as IPVS rounds. */
export function shownAverage(average: number, scale: number): number {
  return Math.floor((average + scale / 2 - 1) / scale);
}

/** What --rate shows, rounded to nearest. */
export function ratesOf({ averages }: Estimate): Rates {
  const rounded = (name: keyof Counters): number => shownAverage(averages[name], scales[name]);
  return {
    connectionsPerSecond: rounded('connections'),
    inPacketsPerSecond: rounded('inPackets'),
    outPacketsPerSecond: rounded('outPackets'),
    inBytesPerSecond: rounded('inBytes'),
    outBytesPerSecond: rounded('outBytes'),
  };
}

export const noRates: Rates = ratesOf(beginEstimate(each(() => 0)));
