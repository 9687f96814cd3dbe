import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxWeight } from './service.ts';
import { createTally, maxWeightOf, weightGcd } from './weights.ts';

describe('the greatest common divisor of weights', () => {
  it.each([
    [[], 1],
    [[0, 0], 1],
    [[5], 5],
    [[0, 4], 4],
    [[4, 0, 6], 2],
    [[3, 2, 1], 1],
    [[maxWeight, maxWeight], maxWeight],
  ])('of %j is %i', (weights, divisor) => {
    expect(weightGcd(weights)).toBe(divisor);
  });

  it('divides every weight, and what is left has no divisor but 1', () => {
    const weights = fc.array(fc.integer({ min: 1, max: maxWeight }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, (given) => {
        const divisor = weightGcd(given);
        const left = given.map((weight) => weight / divisor);
        expect(left.every(Number.isInteger)).toBe(true);
        expect(weightGcd(left)).toBe(1);
      }),
    );
  });
});

it('the heaviest weight is 0 where there is none', () => {
  expect([maxWeightOf([]), maxWeightOf([0]), maxWeightOf([1, 3, 2])]).toEqual([0, 0, 3]);
});

it('weights that come and go have at each moment the divisor and the maximum of those that are there', () => {
  const steps = fc.array(fc.record({ weight: fc.integer({ min: 0, max: 12 }), comes: fc.boolean() }));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 })), steps, (first, changes) => {
      const there = [...first];
      const tally = createTally(first);
      for (const { weight, comes } of changes) {
        const at = there.indexOf(weight);
        if (comes) {
          there.push(weight);
          tally.add(weight);
        } else if (at >= 0) {
          there.splice(at, 1);
          tally.remove(weight);
        }
        expect([tally.gcd(), tally.max()]).toEqual([weightGcd(there), maxWeightOf(there)]);
      }
    }),
  );
});
