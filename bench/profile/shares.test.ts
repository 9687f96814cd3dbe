import { expect, test } from 'vitest';
import { counted, sharesOf } from './shares.ts';

const met = [...Array(60).fill('a'), ...Array(38).fill('b'), 'c', 'd', ...Array(50).fill('loop')];

test('shares are of what is met in the programs alone, and small ones are one', () => {
  expect(sharesOf(counted(met), new Set(['loop']), 0.02)).toEqual([
    { name: 'a', share: 0.6 },
    { name: 'b', share: 0.38 },
    { name: 'others', share: 0.02 },
  ]);
});

test('of nothing there are no shares', () => {
  expect(sharesOf(counted([]), new Set(), 0.02)).toEqual([]);
});
