import { describe, expect, it } from 'vitest';
import { createTally } from '../../../ipvs/weights.ts';
import { fitCursor } from './cursor.ts';

/** Real servers of these weights, whose sequences count from 1. */
const list = (...weights: readonly number[]) => ({ newest: weights.length, weights: createTally(weights) });
const packed = (high: number, sequence: number): bigint => (BigInt(high) << 32n) | BigInt(sequence);

describe('rr', () => {
  it('goes on where it was while anything as new as the last choice is left', () => {
    expect(fitCursor('rr', packed(7, 2), list(1, 1, 1))).toBe(packed(7, 2));
    expect(fitCursor('rr', packed(7, 3), list(1, 1, 1))).toBe(packed(7, 3));
  });

  it('goes on at the head when the last choice stood there and is gone', () => {
    expect(fitCursor('rr', packed(7, 4), list(1, 1, 1))).toBe(0n);
    expect(fitCursor('rr', packed(7, 1), list())).toBe(0n);
  });
});

describe('wrr', () => {
  // ip_vs_wrr_dest_changed(): threshold before, weights after, threshold after.
  it.each([
    ['begins at the highest', 0, [1, 2, 3], 3],
    ['stays where it fits', 1, [1, 2, 3], 1],
    ['comes down to the highest there is', 3, [1, 1], 1],
    ['stands on a step of the divisor', 4, [6, 3], 4],
    ['goes down to a step of the divisor', 3, [6, 2], 3],
    ['is the highest step, not the highest weight', 0, [6, 3], 4],
    ['comes down to the highest step', 6, [6, 3], 4],
    ['counts only weights above 0 for the divisor', 0, [0, 4], 1],
    ['is 0 when nobody has a weight', 3, [0, 0], 0],
    ['is 0 for an empty list', 3, [], 0],
  ] as const)('%s', (_, before, weights, after) => {
    expect(fitCursor('wrr', packed(before, 9), list(...weights))).toBe(packed(after, 0));
  });

  it("is fitted at every single change: three servers added one by one begin with the first one's weight", () => {
    let cursor = 0n;
    for (const weights of [[1], [2, 1], [3, 2, 1]]) cursor = fitCursor('wrr', cursor, list(...weights));
    expect(cursor).toBe(packed(1, 0));
  });

  it('holds the heaviest weight there can be', () => {
    expect(fitCursor('wrr', 0n, list(0x7fffffff, 1))).toBe(packed(0x7fffffff, 0));
  });
});

it.each(['wlc', 'lc', 'sed', 'nq', 'fo', 'ovf', 'twos'] as const)(
  '%s has no place in the list',
  (scheduler) => {
    expect(fitCursor(scheduler, packed(3, 3), list(1))).toBe(0n);
  },
);
