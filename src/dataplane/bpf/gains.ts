/**
 * What was counted from one time to the next. A service that counted nothing has no real server that did, so that
 * 100,000 idle ones are not even looked at.
 */

import { type Counters, counterNames, type DestinationKey, type ServiceKey } from '../../ipvs/service.ts';
import type { Gain } from '../dataplane.ts';
import {
  type Counts,
  type CountsMap,
  countersIn,
  noCounts,
  readTotals,
  type Totals,
  wordsPerSlot,
} from './codec/counts.ts';
import type { DirectorMaps } from './director-maps.ts';
import type { ServiceEntry } from './table/entries.ts';

type Holder = { readonly slot: number; readonly zeroed: Counts };

export type GainModules = {
  readonly maps: Pick<DirectorMaps, 'serviceCounts' | 'destinationCounts'>;
  readonly services: () => Iterable<ServiceEntry>;
};

/** DataPlane.gains(). */
export function createGains({ maps, services }: GainModules): () => readonly Gain[] {
  const ofServices = createMeter(maps.serviceCounts);
  const ofDestinations = createMeter(maps.destinationCounts);
  let isFirst = true;
  return () => {
    const all = [...services()];
    const busy = ofServices.read(all);
    const moved = isFirst ? all : all.filter((service) => busy.has(service));
    const destinations = ofDestinations.read(moved.flatMap((service) => service.destinations));
    if (isFirst) {
      isFirst = false;
      return [];
    }
    return moved.flatMap((service) => [
      ...gainOf(service, busy.get(service)),
      ...service.destinations.flatMap((entry) => gainOf(service, destinations.get(entry), entry)),
    ]);
  };
}

function gainOf(
  service: ServiceKey,
  gained: Counters | undefined,
  destination?: DestinationKey,
): readonly Gain[] {
  if (!gained) return [];
  return [{ service, gained, ...(destination && { destination }) }];
}

/** What the holders of slots have counted from one reading to the next. */
function createMeter(map: CountsMap) {
  let last: Totals = { first: 0, sums: new Float64Array(0) };
  return {
    /** Of those that have counted anything. */
    read(holders: readonly Holder[]): ReadonlyMap<Holder, Counters> {
      const first = holders.reduce((least, { slot }) => Math.min(least, slot), Number.POSITIVE_INFINITY);
      const end = holders.reduce((most, { slot }) => Math.max(most, slot + 1), 0);
      const totals = first < end ? readTotals(map, first, end) : last;
      const moved = new Map<Holder, Counters>();
      for (const holder of holders) {
        const gained = gainedBy(holder, totals, last);
        if (counterNames.some((name) => gained[name] > 0)) moved.set(holder, gained);
      }
      if (totals !== last) last = withTotals(last, totals);
      return moved;
    },
  };
}

/** Since the last reading, or since it was zeroed; where its slot was cleared meanwhile, since then. */
function gainedBy({ slot, zeroed }: Holder, totals: Totals, last: Totals): Counters {
  const [now, before] = [countersIn(totals, slot, noCounts), countersIn(last, slot, noCounts)];
  const isCleared = counterNames.some((name) => now[name] < before[name]);
  const gained = (name: keyof Counters): number =>
    now[name] - Math.max(Number(zeroed[name]), isCleared ? 0 : before[name]);
  return {
    connections: gained('connections'),
    inPackets: gained('inPackets'),
    outPackets: gained('outPackets'),
    inBytes: gained('inBytes'),
    outBytes: gained('outBytes'),
  };
}

/** Totals that begin with slot 0, with others in their place. */
function withTotals({ sums }: Totals, { first, sums: others }: Totals): Totals {
  const all = new Float64Array(Math.max(sums.length, first * wordsPerSlot + others.length));
  all.set(sums);
  all.set(others, first * wordsPerSlot);
  return { first: 0, sums: all };
}
