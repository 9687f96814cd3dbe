/** Counters: sums over CPUs, less what they were when last zeroed. */

import { type Counters, counterNames } from '../../../ipvs/service.ts';
import { flCounts } from '../abi.gen.ts';
import { type Decoded, decodeIn } from '../layout.ts';
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

/** What the maps hold as `zeroed` and `elsewhere` is negative, where an earlier data plane has counted before. */
export function signedCounts(counts: Counts): Counts {
  if (counterNames.every((name) => counts[name] === 0n)) return noCounts;
  return combine(counts, noCounts, (count) => BigInt.asIntN(64, count));
}

/** All that was ever counted in a slot. */
export function totalCounts(map: CountsMap, slot: number): Counts {
  return map.get(slot).reduce((sum, cpu) => combine(sum, cpu, (a, b) => a + b), noCounts);
}

/** 64-bit numbers in struct fl_counts. */
export const wordsPerSlot = flCounts.size / 8;

/** The same of many slots at once: a system call for each of them, and each CPU, would take seconds. */
export function totalsOf(map: CountsMap, slots: readonly number[]): ReadonlyMap<number, Counts> {
  const totals = new Map(slots.map((slot) => [slot, noCounts]));
  for (const { first, end } of spansOf(slots)) {
    for (const piece of map.pieces(first, end)) {
      for (let at = 0; at < piece.count; at++) {
        const known = totals.get(piece.first + at);
        if (!known) continue;
        const own = decodeIn(flCounts, piece.values, at * flCounts.size);
        totals.set(
          piece.first + at,
          combine(known, own, (a, b) => a + b),
        );
      }
    }
  }
  return totals;
}

/** What was ever counted, by slots from 0 on: `wordsPerSlot` sums each, as struct fl_counts orders them. */
export type Totals = Float64Array;

/** Slots from `first` to below `end`. */
export type Span = { readonly first: number; readonly end: number };

/** Slots that are so far apart are not worth what lies between them. */
const apart = 1024;

/** What is to be read for these slots. */
export function spansOf(slots: Iterable<number>): readonly Span[] {
  const spans: { readonly first: number; end: number }[] = [];
  for (const slot of Uint32Array.from(slots).sort()) {
    const last = spans.at(-1);
    if (last && slot - last.end < apart) last.end = slot + 1;
    else spans.push({ first: slot, end: slot + 1 });
  }
  return spans;
}

/** Of the slots in the spans; what others hold is not said. */
export function readTotals(map: CountsMap, spans: readonly Span[]): Totals {
  return completed(totalsByPieces(map, spans));
}

/** What a generator returns in the end. */
export function completed<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same with a pause after each piece. */
export function* totalsByPieces(map: CountsMap, spans: readonly Span[]): Generator<undefined, Totals> {
  const sums = new Float64Array((spans.at(-1)?.end ?? 0) * wordsPerSlot);
  for (const { first, end } of spans) {
    for (const piece of map.pieces(first, end)) {
      // Halves of 64 bits: reading bigints out of a buffer takes many times as long.
      const halves = new Uint32Array(piece.values.buffer, piece.values.byteOffset);
      const to = piece.first * wordsPerSlot;
      for (let word = 0; word < piece.count * wordsPerSlot; word++) {
        const sum = (halves[2 * word] ?? 0) + (halves[2 * word + 1] ?? 0) * 2 ** 32;
        sums[to + word] = (sums[to + word] ?? 0) + sum;
      }
      yield;
    }
  }
  return sums;
}

/** Which of a slot's sums is which counter. */
export const placesInTotals: readonly (readonly [name: keyof Counters, place: number])[] = counterNames.map(
  (name) => [name, flCounts.fields[name].offset / 8],
);
const places = Object.fromEntries(placesInTotals) as Record<keyof Counters, number>;

/** What --stats shows of a slot: the total since the counters were zeroed. */
export function countersIn(totals: Totals, slot: number, zeroed: Counts): Counters {
  const since = (name: keyof Counters): number =>
    (totals[slot * wordsPerSlot + places[name]] ?? 0) - Number(zeroed[name]);
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
