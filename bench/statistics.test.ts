import { expect, test } from 'vitest';
import { spreadOf } from './statistics.ts';

test('the middle half of the values, and their median', () => {
  expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  expect(spreadOf([10, 20])).toEqual({ median: 15, low: 12.5, high: 17.5 });
});

test('of nothing nothing can be said', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
});
