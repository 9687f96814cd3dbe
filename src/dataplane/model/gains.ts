/** What was counted from one time to the next. As bpf/gains.ts. */

import { type Counters, counterNames } from '../../ipvs/service.ts';
import type { Gain } from '../dataplane.ts';
import type { Counts } from './counters.ts';
import type { Memory } from './memory.ts';

/** DataPlane.gains(). */
export function createGains(memory: Memory): () => readonly Gain[] {
  let last: ReadonlyMap<Counts, Counters> | undefined;
  return () => {
    const before = last;
    const holders = [...memory.services.values()].flatMap(({ config, counts, destinations }) => [
      { service: config, counts },
      ...destinations.map((destination) => ({ service: config, destination, counts: destination.counts })),
    ]);
    last = new Map(holders.map(({ counts }) => [counts, { ...counts }]));
    if (!before) return [];
    return holders.flatMap(({ counts, ...holder }) => {
      const gained = gainedSince(before.get(counts), counts);
      return counterNames.some((name) => gained[name] > 0) ? { ...holder, gained } : [];
    });
  };
}

/** Counters that went back were zeroed, and count from there. */
function gainedSince(before: Counters | undefined, now: Counters): Counters {
  if (!before || counterNames.some((name) => now[name] < before[name])) return { ...now };
  const gained = counterNames.map((name) => [name, now[name] - before[name]]);
  return Object.fromEntries(gained) as Counters;
}
