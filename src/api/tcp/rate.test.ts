import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate.ts';

describe('a rate', () => {
  it('lets twice as many through at once, and then one for each turn of its time', () => {
    let now = 0;
    const limit = createRateLimit(10, () => now);
    const taken = (): number =>
      Array.from({ length: 100 }, () => limit.take('a')).filter((wait) => wait === 0).length;
    expect(taken()).toBe(20);
    expect(limit.take('a')).toBeCloseTo(0.1);
    now = 500;
    expect(taken()).toBe(5);
    now = 3_600_000;
    expect(taken()).toBe(20);
  });

  it('is each one’s own', () => {
    const limit = createRateLimit(1, () => 0);
    expect([limit.take('a', 2), limit.take('a'), limit.take('b', 2)]).toEqual([0, 1, 0]);
  });

  it('says how long until there are as many turns as are asked for, and never more than there can be', () => {
    const limit = createRateLimit(1, () => 0);
    expect(limit.take('a', 2)).toBe(0);
    expect(limit.take('a', 10)).toBe(2);
  });

  it('remembers those who were there last, however many there are', () => {
    const limit = createRateLimit(1, () => 0);
    for (let each = 0; each < 10_000; each++) limit.take(`host ${each}`, 2);
    expect(limit.take('host 9999')).toBe(1);
    expect(limit.take('host 0')).toBe(0);
  });
});
