/** Counters: sums over CPUs, less what they were when last zeroed. */

import { type Counters, counterNames } from '../../../ipvs/service.ts';
import { flCounts } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import type { CpuParts } from '../maps.ts';

export type Counts = Decoded<typeof flCounts>;
export type CountsMap = CpuParts<typeof flCounts>;

export const noCounts: Counts = {
  connections: 0n,
  inPackets: 0n,
  inBytes: 0n,
  outPackets: 0n,
  outBytes: 0n,
};

/** What the maps hold as `zeroed` is negative, where an earlier data plane has counted before. */
export function signedCounts(zeroed: Counts): Counts {
  return combine(zeroed, noCounts, (count) => BigInt.asIntN(64, count));
}

/** All that was ever counted in a slot. */
export function totalCounts(map: CountsMap, slot: number): Counts {
  return map.get(slot).reduce((sum, cpu) => combine(sum, cpu, (a, b) => a + b), noCounts);
}

/** What was ever counted in the slots from `first` on: `wordsPerSlot` sums each, as struct fl_counts orders them. */
export type Totals = { readonly first: number; readonly sums: Float64Array };

/** 64-bit numbers in struct fl_counts. */
export const wordsPerSlot = flCounts.size / 8;

/** Of the slots from `first` to below `end`, read at once. */
export function readTotals(map: CountsMap, first: number, end: number): Totals {
  return completed(totalsByPieces(map, first, end));
}

/** What a generator returns in the end. */
export function completed<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same with a pause after each piece. */
export function* totalsByPieces(map: CountsMap, first: number, end: number): Generator<undefined, Totals> {
  const sums = new Float64Array(Math.max(0, end - first) * wordsPerSlot);
  for (const piece of map.pieces(first, end)) {
    // Halves of 64 bits: reading bigints out of a buffer takes many times as long.
    const halves = new Uint32Array(piece.values.buffer);
    for (let at = 0; at < piece.count; at++) {
      const to = (piece.first - first + at) * wordsPerSlot;
      for (let word = 0; word < wordsPerSlot; word++) {
        const from = 2 * (at * wordsPerSlot + word);
        const sum = (halves[from] ?? 0) + (halves[from + 1] ?? 0) * 2 ** 32;
        sums[to + word] = (sums[to + word] ?? 0) + sum;
      }
    }
    yield;
  }
  return { first, sums };
}

const places = Object.fromEntries(
  counterNames.map((name) => [name, flCounts.fields[name].offset / 8]),
) as Record<keyof Counters, number>;

/** What --stats shows of a slot: the total since the counters were zeroed. */
export function countersIn({ first, sums }: Totals, slot: number, zeroed: Counts): Counters {
  const since = (name: keyof Counters): number =>
    (sums[(slot - first) * wordsPerSlot + places[name]] ?? 0) - Number(zeroed[name]);
  return {
    connections: since('connections'),
    inPackets: since('inPackets'),
    outPackets: since('outPackets'),
    inBytes: since('inBytes'),
    outBytes: since('outBytes'),
  };
}

/** What --stats shows: the total since the counters were zeroed. */
export function countersSince(total: Counts, zeroed: Counts): Counters {
  const since = combine(total, zeroed, (a, b) => a - b);
  return {
    connections: Number(since.connections),
    inPackets: Number(since.inPackets),
    outPackets: Number(since.outPackets),
    inBytes: Number(since.inBytes),
    outBytes: Number(since.outBytes),
  };
}

/** By each of the counts. */
export function combine(a: Counts, b: Counts, by: (a: bigint, b: bigint) => bigint): Counts {
  return {
    connections: by(a.connections, b.connections),
    inPackets: by(a.inPackets, b.inPackets),
    inBytes: by(a.inBytes, b.inBytes),
    outPackets: by(a.outPackets, b.outPackets),
    outBytes: by(a.outBytes, b.outBytes),
  };
}
