/**
 * What was counted from one time to the next. A service that counted nothing has no real server that did, so that
 * those of 100,000 idle ones are not even compared.
 */

import { type Counters, counterNames, type DestinationKey, type ServiceKey } from '../../ipvs/service.ts';
import type { Gain } from '../dataplane.ts';
import {
  type Counts,
  countersIn,
  noCounts,
  readTotals,
  spansOf,
  type Totals,
  wordsPerSlot,
} from './codec/counts.ts';
import type { DirectorMaps } from './director-maps.ts';
import { serviceTotals, slotsOf } from './service-counts.ts';
import type { Table } from './table/table.ts';

type Holder = { readonly slot: number; readonly zeroed: Counts };

/** All that was ever counted, by slots. */
type Reading = { readonly ofServices: Totals; readonly ofDestinations: Totals };

export type GainModules = {
  readonly maps: Pick<DirectorMaps, 'destinationCounts'>;
  readonly table: Pick<Table, 'services' | 'trashed'>;
};

/** DataPlane.gains(). */
export function createGains({ maps, table }: GainModules): () => readonly Gain[] {
  let last: Reading | undefined;
  return () => {
    const services = [...table.services()];
    const trashed = table.trashed();
    const ofDestinations = readTotals(maps.destinationCounts, spansOf(slotsOf(services, trashed)));
    const now = { ofServices: serviceTotals(services, trashed, ofDestinations), ofDestinations };
    const before = last;
    last = now;
    if (!before) return [];
    const busy = services.filter(({ slot }) => hasCounted(slot, now.ofServices, before.ofServices));
    return busy.flatMap((service) => [
      ...gainOf(service, gainedBy(service, now.ofServices, before.ofServices)),
      ...service.destinations.flatMap((entry) =>
        gainOf(service, gainedBy(entry, now.ofDestinations, before.ofDestinations), entry),
      ),
    ]);
  };
}

function hasCounted(slot: number, totals: Totals, last: Totals): boolean {
  const end = (slot + 1) * wordsPerSlot;
  for (let word = slot * wordsPerSlot; word < end; word++)
    if (totals[word] !== (last[word] ?? 0)) return true;
  return false;
}

/** Nothing of whoever has counted nothing. */
function gainOf(service: ServiceKey, gained: Counters, destination?: DestinationKey): readonly Gain[] {
  if (counterNames.every((name) => gained[name] <= 0)) return [];
  return [{ service, gained, ...(destination && { destination }) }];
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
