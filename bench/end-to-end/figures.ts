/** From what was measured of each way in each round to the rows of the table. Pure. */

import type { Figure, Ratio } from '../figure.ts';
import { spreadOf } from '../statistics.ts';
import type { LoadName } from './loads.ts';
import { type Way, ways } from './topology.ts';

/** One load on one way, once. */
export type Turn = {
  readonly rate: number;
  /** Milliseconds; of answers to requests alone. */
  readonly half?: number;
  readonly most?: number;
  /** CPU time of the whole machine for a request, or for an octet: seconds. */
  readonly work: number;
};

/** The turns of one load in a round, all ways one after the other. */
export type Round = Readonly<Record<Way, Turn>>;

const titles: Readonly<Record<Way, string>> = {
  direct: 'direct',
  ceiling: 'ceiling',
  fairlead: 'Fairlead',
  haproxy: 'HAProxy',
  nginx: 'nginx',
};
const proxies = ['haproxy', 'nginx'] as const;

const leastOfCeiling = 0.95;
const mostLatency = 1.05;
const leastOfProxy = 2.5;
const mostOfAddedWork = 1 / 3;

/** The rows of one load. */
export function figuresOf(load: LoadName, unit: '/s' | 'B/s', rounds: readonly Round[]): readonly Figure[] {
  return [
    ...ways.map((way) => rateOf(load, unit, way, rounds)),
    ...(unit === '/s' ? ways.flatMap((way) => latenciesOf(load, way, rounds)) : []),
    ...ways.map((way) => workOf(load, way, rounds)),
  ];
}

function rateOf(load: LoadName, unit: '/s' | 'B/s', way: Way, rounds: readonly Round[]): Figure {
  const rate = (of: Way) => (round: Round) => round[of].rate;
  const isJudged = way === 'fairlead' && load !== 'one at a time';
  return {
    name: `${load}: ${titles[way]}`,
    value: spreadOf(rounds.map(rate(way))),
    unit,
    ratios: [
      ...ratiosTo(way, rounds, rate, isJudged ? { atLeast: leastOfCeiling } : {}),
      ...(isRouting(way)
        ? proxies.map((proxy) => ({
            ...ratio(titles[proxy], rounds, rate(way), rate(proxy)),
            ...(isJudged && load === 'new connections' && { atLeast: leastOfProxy }),
          }))
        : []),
    ],
  };
}

/**
 * The ceiling, and no director at all, are compared with proxies as well: they say how much of Fairlead's own distance can
 * be had at all.
 */
function isRouting(way: Way): boolean {
  return !proxies.some((proxy) => proxy === way);
}

function latenciesOf(load: LoadName, way: Way, rounds: readonly Round[]): readonly Figure[] {
  return (['half', 'most'] as const).map((which) => {
    const time = (of: Way) => (round: Round) => round[of][which] ?? Number.NaN;
    const limit = way === 'fairlead' && which === 'most' ? { atMost: mostLatency } : {};
    return {
      name: `${load}: ${titles[way]}, ${which === 'half' ? 'p50' : 'p99'}`,
      value: spreadOf(rounds.map(time(way))),
      unit: 'ms' as const,
      ratios: ratiosTo(way, rounds, time, limit),
    };
  });
}

/** CPU time for a request, or for 1 MiB. */
function workOf(load: LoadName, way: Way, rounds: readonly Round[]): Figure {
  const isBulk = load === 'download' || load === 'upload';
  const work = (of: Way) => (round: Round) => round[of].work * 1e6 * (isBulk ? 2 ** 20 : 1);
  const added = (of: Way) => (round: Round) => work(of)(round) - work('direct')(round);
  return {
    name: `${load}: ${titles[way]}, CPU ${isBulk ? 'of 1 MiB' : 'of a request'}`,
    value: spreadOf(rounds.map(work(way))),
    unit: 'µs',
    ratios: [
      ...ratiosTo(way, rounds, work, {}),
      ...(way === 'fairlead'
        ? proxies.map((proxy) => ({
            ...ratio(`${titles[proxy]}, added`, rounds, added(way), added(proxy)),
            ...(load === 'keep-alive' || load === 'new connections' ? { atMost: mostOfAddedWork } : {}),
          }))
        : []),
    ],
  };
}

type Measure = (of: Way) => (round: Round) => number;

/** To the ceiling, and beside it to the direct connection. */
function ratiosTo(
  way: Way,
  rounds: readonly Round[],
  measure: Measure,
  limit: Pick<Ratio, 'atMost' | 'atLeast'>,
): readonly Ratio[] {
  if (way === 'direct') return [];
  const toDirect = ratio('direct', rounds, measure(way), measure('direct'));
  if (way === 'ceiling') return [toDirect];
  return [{ ...ratio('ceiling', rounds, measure(way), measure('ceiling')), ...limit }, toDirect];
}

function ratio(
  to: string,
  rounds: readonly Round[],
  one: (round: Round) => number,
  other: (round: Round) => number,
): Ratio {
  return { to, value: spreadOf(rounds.map((round) => one(round) / other(round))) };
}
