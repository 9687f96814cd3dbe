import { describe, expect, it } from 'vitest';
import type { Counters, Rates } from '../ipvs/service.ts';
import {
  atRest,
  type Estimate,
  estimationSeconds,
  isAtRest,
  noRates,
  ratesOf,
  stepEstimate,
} from './estimator.ts';

const none: Counters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

/** So many steps of the same traffic a second. */
function steady(perSecond: Partial<Counters>, steps: number, begun: Estimate = atRest): Estimate {
  const gained = Object.entries({ ...none, ...perSecond }).map(([name, rate]) => [
    name,
    rate * estimationSeconds,
  ]);
  let estimate = begun;
  for (let step = 0; step < steps; step++) estimate = stepEstimate(estimate, Object.fromEntries(gained));
  return estimate;
}

describe('rates', () => {
  it('move a quarter of the way with each step', () => {
    const shown = [1, 2, 3, 4].map((steps) => ratesOf(steady({ inPackets: 1000 }, steps)).inPacketsPerSecond);
    expect(shown).toEqual([250, 437, 578, 684]);
  });

  it('come to what is steady, and stay there: 100 packets of 128 bytes a second', () => {
    const wanted: Rates = { ...noRates, inPacketsPerSecond: 100, inBytesPerSecond: 12_800 };
    for (const steps of [40, 100]) {
      expect(ratesOf(steady({ inPackets: 100, inBytes: 12_800 }, steps))).toEqual(wanted);
    }
  });

  it('come back to 0 when nothing is counted any more', () => {
    const busy = steady({ connections: 5, inPackets: 1000, inBytes: 1_000_000 }, 40);
    expect(ratesOf(steady({}, 80, busy))).toEqual(noRates);
    expect([isAtRest(busy), isAtRest(steady({}, 200, busy))]).toEqual([false, true]);
  });

  it('hold the fastest traffic there is: 100 Gbit/s of the smallest packets', () => {
    const wanted = { inPacketsPerSecond: 148_809_523, inBytesPerSecond: 12_500_000_000 };
    const fast = ratesOf(steady({ inPackets: 148_809_523, inBytes: 12_500_000_000 }, 100));
    expect(fast).toMatchObject(wanted);
  });
});

/**
 * Pairs from counters.jsonl: what real IPVS showed, and what it showed one step without traffic later. What lies
 * between two shown numbers is not known, so some average that shows the one must come to show the other.
 */
describe('real IPVS, one step without traffic later', () => {
  it.each([
    ['inPacketsPerSecond', 72, 54],
    ['inPacketsPerSecond', 33, 25],
    ['inBytesPerSecond', 9118, 6839],
    ['inBytesPerSecond', 3335, 2501],
  ] as const)('%s: %i, then %i', (rate, shown, later) => {
    const [name, scale] =
      rate === 'inBytesPerSecond' ? (['inBytes', 32] as const) : (['inPackets', 1024] as const);
    const estimates = Array.from({ length: 2 * scale }, (_, offset) => ({
      ...none,
      [name]: (shown - 1) * scale + offset,
    }));
    const fitting = estimates.filter((estimate) => ratesOf(estimate)[rate] === shown);
    expect(fitting.length).toBe(scale);
    expect(fitting.map((estimate) => ratesOf(stepEstimate(estimate, none))[rate])).toContain(later);
  });
});
