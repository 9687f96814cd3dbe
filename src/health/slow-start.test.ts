import { describe, expect, it } from 'vitest';
import { maxWeight } from '../ipvs/service.ts';
import { hasSlowStart, scaleOf, shareAt, slowStartSchedulers, weightAt } from './slow-start.ts';

describe('while a real server starts slowly', () => {
  it.each([
    [[1, 1, 1], 64],
    [[3, 10], 32],
    [[64, 100], 1],
    [[100, 0], 1],
    [[1, maxWeight], 1],
    [[1, maxWeight >> 3], 8],
    [[], 1],
  ])('weights of %j are multiplied by %i', (weights, scale) => {
    expect(scaleOf(weights)).toBe(scale);
  });

  it('its share grows with the time, from 0 to 1', () => {
    expect([-5, 0, 15_000, 60_000, 90_000].map((elapsed) => shareAt(elapsed, 60_000))).toEqual([
      0, 0, 0.25, 1, 1,
    ]);
  });

  it('its weight is never 0, which would keep it out', () => {
    expect([0, 0.001, 0.5, 1].map((share) => weightAt(2, 64, share))).toEqual([1, 1, 64, 128]);
  });

  it('only schedulers that weigh connections take part', () => {
    expect(slowStartSchedulers).toEqual(
      ['wrr', 'wlc', 'lblc', 'lblcr', 'sed', 'nq', 'twos'].sort(bySchedulers),
    );
    expect(['rr', 'lc', 'sh', 'mh', 'dh', 'fo', 'ovf'].some(hasSlowStart)).toBe(false);
  });
});

function bySchedulers(a: string, b: string): number {
  const order: readonly string[] = slowStartSchedulers;
  return order.indexOf(a) - order.indexOf(b);
}
