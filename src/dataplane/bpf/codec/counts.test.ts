import { describe, expect, it } from 'vitest';
import { flCounts } from '../abi.gen.ts';
import { encodeAll } from '../layout.ts';
import { type CountsMap, countersIn, noCounts, readTotals, spansOf, totalsOf } from './counts.ts';

/** Of two CPUs, the second of which has counted ten times what the first has: as many packets as the slot's number. */
const map = {
  *pieces(first: number, end: number) {
    for (const cpu of [1n, 10n]) {
      const slots = Array.from({ length: end - first }, (_, at) => ({ inPackets: cpu * BigInt(first + at) }));
      yield { first, count: slots.length, values: new DataView(encodeAll(flCounts, slots).buffer) };
    }
  },
} as Partial<CountsMap> as CountsMap;

describe('spans of slots', () => {
  it('have what lies between near ones, and nothing of what lies between others', () => {
    expect(spansOf([5000, 3, 7, 1026, 5001])).toEqual([
      { first: 3, end: 1027 },
      { first: 5000, end: 5002 },
    ]);
    expect(spansOf([])).toEqual([]);
  });
});

describe('totals', () => {
  it('are of all CPUs, by slot, wherever the slots are', () => {
    const slots = [4, 9, 40_000];
    const totals = readTotals(map, spansOf(slots));
    for (const slot of slots) expect(countersIn(totals, slot, noCounts).inPackets).toBe(11 * slot);
    expect([...totalsOf(map, slots)].map(([slot, { inPackets }]) => [slot, inPackets])).toEqual([
      [4, 44n],
      [9, 99n],
      [40_000, 440_000n],
    ]);
  });
});
