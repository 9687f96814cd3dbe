import { describe, expect, it } from 'vitest';
import { keysInSlice } from './walks.ts';

describe('a slice of a walk over a hash map', () => {
  it.each([
    ['few entries of a large map: those of a quarter of a million buckets', 400, 1_048_576, 100],
    ['of more buckets than entries were asked for', 400, 600_000, 100],
    ['fewer entries than slices: one at a time', 3, 10_000_000, 1],
    ['none that is known of', 0, 1_048_576, 1],
    ['a small map: all', 100, 4096, 256],
    ['a full map: as many as can be looked at in half a millisecond', 1_000_000, 1_048_576, 256],
  ] as const)('asks for %s', (_, entries, limit, keys) => {
    expect(keysInSlice(entries, limit)).toBe(keys);
  });
});
