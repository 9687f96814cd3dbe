/**
 * What services have counted. The programs count for real servers only (bpf/lib/count.h), each packet once: a service
 * counts what its real servers do while they are its own, those in the trash included, which come back to it as they
 * have left, and what those that have left the trash had counted.
 */

import { type Counts, combine, noCounts, placesInTotals, type Totals, wordsPerSlot } from './codec/counts.ts';
import type { Holding, ServiceEntry, TrashEntry } from './table/entries.ts';

/** Real servers in the trash that may come back to a service, by its slot. */
export type Trashed = ReadonlyMap<number, readonly Holding[]>;

export function trashedOf(trash: Iterable<TrashEntry>): Trashed {
  const found = new Map<number, Holding[]>();
  for (const entry of trash) {
    if (entry.serviceSlot === 0) continue;
    const others = found.get(entry.serviceSlot);
    if (others) others.push(entry);
    else found.set(entry.serviceSlot, [entry]);
  }
  return found;
}

/** Where the real servers are that services count with. */
export function* slotsOf(services: readonly ServiceEntry[], trashed: Trashed): Generator<number> {
  for (const { destinations } of services) for (const { slot } of destinations) yield slot;
  for (const entries of trashed.values()) for (const { slot } of entries) yield slot;
}

/** All that a service has ever counted, given what its real servers have. */
export function serviceTotal(
  { slot, retired, destinations }: ServiceEntry,
  trashed: Trashed,
  totalOf: (destination: Holding) => Counts,
): Counts {
  const all = [...destinations, ...(trashed.get(slot) ?? [])];
  return all.reduce((sum, each) => combine(sum, countedFor(each, totalOf(each)), add), retired);
}

/** What of a real server's total its service counts. */
export function countedFor({ elsewhere }: Holding, total: Counts): Counts {
  return combine(total, elsewhere, (all, before) => all - before);
}

const add = (one: bigint, other: bigint): bigint => one + other;

/** The same of many services, by their slots, given the totals of all their real servers. */
export function serviceTotals(
  services: readonly ServiceEntry[],
  trashed: Trashed,
  ofDestinations: Totals,
): Totals {
  const end = services.reduce((most, { slot }) => Math.max(most, slot + 1), 0);
  const totals = new Float64Array(end * wordsPerSlot);
  for (const { slot, retired, destinations } of services) {
    addCounts(totals, slot, retired, 1);
    for (const each of destinations) addDestination(totals, slot, each, ofDestinations);
    for (const each of trashed.get(slot) ?? []) addDestination(totals, slot, each, ofDestinations);
  }
  return totals;
}

function addDestination(
  totals: Totals,
  to: number,
  { slot, elsewhere }: Holding,
  ofDestinations: Totals,
): void {
  const [at, from] = [to * wordsPerSlot, slot * wordsPerSlot];
  for (let word = 0; word < wordsPerSlot; word++)
    totals[at + word] = (totals[at + word] ?? 0) + (ofDestinations[from + word] ?? 0);
  addCounts(totals, to, elsewhere, -1);
}

/** Most are none: numbers that are bigints take their time. */
function addCounts(totals: Totals, to: number, counts: Counts, sign: 1 | -1): void {
  if (counts === noCounts) return;
  for (const [name, place] of placesInTotals) {
    const at = to * wordsPerSlot + place;
    totals[at] = (totals[at] ?? 0) + sign * Number(counts[name]);
  }
}
