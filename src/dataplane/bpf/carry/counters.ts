/**
 * What another version has counted. Packets go on counting in our maps while this is done, so nothing is written to
 * those: what was counted there is taken, with its sign turned, for what was there when the counters were last zeroed.
 */

import { possibleCpus } from '../../../linux/bpf-map.ts';
import { runSystemProgram } from '../../../linux/bpf-test-run.ts';
import type { Fd } from '../../../linux/libbpf.ts';
import { FlReason, flCarriedDrops, flCounts, flDestination, flService, flServiceKey } from '../abi.gen.ts';
import { type Counts, combine, noCounts, signedCounts } from '../codec/counts.ts';
import { type DirectorMaps, u64 } from '../director-maps.ts';
import { decodeIn, encode, type Layout } from '../layout.ts';
import { arrayMap, perCpuArray } from '../maps.ts';
import type { Earlier, EarlierMap } from './earlier.ts';
import { usedIn, usedPieces } from './elements.ts';
import { viewOf } from './views.ts';

/** However often it is done, what comes out is the same. */
export function* carryCounters(earlier: Earlier, maps: DirectorMaps): Generator<void> {
  const ofServices = earlier.map('service_counts');
  if (ofServices) yield* carryServices(earlier, maps, totalsOf(earlier, ofServices));
  const ofDestination = totalsOf(earlier, earlier.must('dest_counts'));
  const destinations = earlier.must('destinations');
  for (const { keys, values } of ours(earlier, destinations, flDestination, 'fl_destination')) {
    maps.destinations.setMany(
      values.map(([at, destination]) => {
        const slot = keys.getUint32(at * 4, true);
        const counted = ofDestination(slot);
        const zeroed = minus(destination.zeroed, counted);
        const elsewhere = ofServices ? noCounts : minus(destination.elsewhere, counted);
        return [slot, { ...destination, zeroed, elsewhere }] as const;
      }),
    );
    yield;
  }
}

/**
 * Of a version that counts for services by themselves: what was counted there is from now on what real servers that have
 * gone had counted, and those that are there have counted nothing yet.
 */
function* carryServices(
  earlier: Earlier,
  maps: DirectorMaps,
  ofService: (slot: number) => Counts,
): Generator<void> {
  const services = earlier.must('services');
  const keyToOurs = earlier.translation('fl_service_key', flServiceKey, services.key);
  for (const { keys, values } of ours(earlier, services, flService, 'fl_service')) {
    maps.services.setMany(
      values.map(([at, service]) => {
        const key = viewOf(flServiceKey.size);
        keyToOurs(keys, at * services.keySize, key, 0);
        return [decodeIn(flServiceKey, key, 0), { ...service, retired: ofService(service.slot) }] as const;
      }),
    );
    yield;
  }
}

const minus = (counts: Counts, counted: Counts): Counts =>
  combine(signedCounts(counts), counted, (one, other) => one - other);

/** The used values of a map as ours, each with its place in a piece. */
function* ours<L extends Layout>(earlier: Earlier, from: EarlierMap, layout: L, struct: string) {
  const toOurs = earlier.translation(struct, layout, from.value);
  const to = viewOf(layout.size);
  for (const { keys, values, used } of usedPieces(from)) {
    const decoded = used.map((at) => {
      toOurs(values, at * from.valueSize, to, 0);
      return [at, decodeIn(layout, to, 0)] as const;
    });
    yield { keys, values: decoded };
  }
}

/** So many slots are read at once: a call for each of them, and each CPU, would take seconds where both are many. */
const together = 1024;

/** What all CPUs have counted there in a slot. */
function totalsOf(earlier: Earlier, from: EarlierMap): (slot: number) => Counts {
  const room = from.maxEntries / possibleCpus();
  const array = arrayMap(from.fd, from.value);
  const toOurs = earlier.translation('fl_counts', flCounts, from.value);
  const to = viewOf(flCounts.size);
  const totals = new Map<number, Counts>();
  const known = new Set<number>();
  const read = (first: number, end: number): void => {
    for (let part = 0; part < from.maxEntries; part += room) {
      for (const piece of array.pieces(part + first, part + end)) {
        for (const at of usedIn(piece.values, piece.count, from.valueSize)) {
          const slot = piece.first - part + at;
          toOurs(piece.values, at * from.valueSize, to, 0);
          const counted = decodeIn(flCounts, to, 0);
          totals.set(
            slot,
            combine(totals.get(slot) ?? noCounts, counted, (one, other) => one + other),
          );
        }
      }
    }
  };
  return (slot) => {
    const first = slot - (slot % together);
    if (!known.has(first)) read(first, Math.min(first + together, room));
    known.add(first);
    return totals.get(slot) ?? noCounts;
  };
}

/** Packets that were not forwarded, by the names of their reasons. */
export function carryDrops(earlier: Earlier, program: Fd): void {
  const from = earlier.must('not_forwarded');
  const numbers = earlier.enumeration('fl_reason');
  const counts = perCpuArray(from.fd, u64);
  const packets = Array.from({ length: FlReason.FL_REASONS }, () => 0n);
  for (const [name, index] of Object.entries(FlReason)) {
    const there = numbers.get(name);
    if (there === undefined || name === 'FL_REASONS') continue;
    packets[index] = counts.get(there).reduce((sum, { value }) => sum + value, 0n);
  }
  runSystemProgram(program, encode(flCarriedDrops, { packets }));
}
