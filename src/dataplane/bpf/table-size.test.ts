import { describe, expect, it } from 'vitest';
import { wantedChunks } from './table-size.ts';

const [room, limit] = [32_768, 1_048_576];
const wanted = (entries: number, chunks: number): number => wantedChunks(entries, chunks, room, limit);

describe('a table', () => {
  it('stays as it is until it is half full', () => {
    expect(wanted(0, 1)).toBe(1);
    expect(wanted(16_384, 1)).toBe(1);
    expect(wanted(16_385, 1)).toBe(2);
  });

  it('gets at least twice the room of what is in it, at once', () => {
    expect(wanted(40_000, 1)).toBe(4);
    expect(wanted(500_000, 1)).toBe(32);
  });

  it('grows no further than its limit wants, and never shrinks for being full', () => {
    expect(wanted(1_048_576, 32)).toBe(52);
    expect(wanted(1_048_576, 52)).toBe(52);
    expect(wanted(1_048_576, 64)).toBe(64);
    expect(wantedChunks(1000, 4, 100, 100)).toBe(4);
  });

  it.each([1_000_000, 1_048_576, 10_000_000])('has 107 octets or less for each of %i connections', (all) => {
    const chunks = wantedChunks(all, 1, room, all);
    expect((chunks * room * 64) / all).toBeLessThan(107);
  });

  it('shrinks when less than a thirty-second of it is in use', () => {
    expect(wanted(32_768, 32)).toBe(32);
    expect(wanted(32_767, 32)).toBe(4);
    expect(wanted(0, 32)).toBe(1);
  });

  it('does not grow by shrinking', () => {
    for (const entries of [1, 100, 10_000, 100_000]) {
      const small = wanted(entries, 64);
      expect(wanted(entries, small)).toBe(small);
    }
  });
});
