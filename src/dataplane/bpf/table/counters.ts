/** What becomes of counters where user space has a hand in them: they start anew, or outlive what has counted. */

import { FairleadError } from '../../../ipvs/errors.ts';
import { type ServiceKey, serviceKeyText } from '../../../ipvs/service.ts';
import { type Counts, combine, noCounts, totalCounts, totalsOf } from '../codec/counts.ts';
import { encodeServiceKey } from '../codec/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { countedFor, serviceTotal, trashedOf } from '../service-counts.ts';
import {
  type Change,
  free,
  type Holding,
  listed,
  type ServiceEntry,
  type TrashEntry,
  trashed,
} from './entries.ts';
import { nextGeneration } from './generation.ts';
import type { State } from './state.ts';
import { settledDestination, settledService } from './versions.ts';

/** -Z: of a service and the real servers in its list, as in IPVS; those in the trash come back as they have left. */
export function zero(maps: DirectorMaps, known: State, key: ServiceKey): void {
  const service = known.services.get(serviceKeyText(key));
  if (!service) throw new FairleadError('SERVICE_NOT_FOUND');
  const totals = new Map<number, Counts>();
  const totalOf = ({ slot }: Holding): Counts => {
    const total = totals.get(slot) ?? totalCounts(maps.destinationCounts, slot);
    totals.set(slot, total);
    return total;
  };
  const destinations = service.destinations.map((entry) => ({ ...entry, zeroed: totalOf(entry) }));
  const total = serviceTotal(service, trashedOf(known.trash.ofService(service)), totalOf);
  const zeroed = { ...service, destinations, zeroed: total };
  maps.destinations.setMany(destinations.map((entry) => [entry.slot, settledDestination(listed(entry))]));
  maps.services.set(encodeServiceKey(service), settledService(zeroed));
  known.services.set(serviceKeyText(service), zeroed);
}

/**
 * Gives back the slots of real servers in the trash. What they have counted for a service that is still there stays
 * with it by one write: a daemon that is killed before it leaves them in the trash, and what one that is killed after
 * it leaves there is known by its mark to be done with (foundDestination). Returns what `known` is to remember.
 */
export function retire(maps: DirectorMaps, known: State, due: readonly TrashEntry[]): Change {
  const services = heirsOf(maps, known, due);
  maps.destinations.setMany(
    due.flatMap((entry) => {
      const retirement = services.get(entry.serviceSlot)?.after.retirement;
      return retirement ? [[entry.slot, { ...settledDestination(trashed(entry)), retirement }] as const] : [];
    }),
  );
  maps.services.setMany(
    [...services.values()].map(({ after }) => [encodeServiceKey(after), settledService(after)] as const),
  );
  maps.destinations.setMany(due.map(({ slot }) => [slot, {}]));
  const destinations = due.map((entry) => ({ slot: entry.slot, before: trashed(entry), after: free }));
  return { services: [...services.values()], destinations };
}

type Heir = { readonly before: ServiceEntry; readonly after: ServiceEntry };

/** The services, by their slots, that real servers in the trash have counted for. */
function heirsOf(
  maps: DirectorMaps,
  { services }: Pick<State, 'services'>,
  due: readonly TrashEntry[],
): ReadonlyMap<number, Heir> {
  const totals = totalsOf(
    maps.destinationCounts,
    due.flatMap(({ slot, serviceSlot }) => (serviceSlot === 0 ? [] : [slot])),
  );
  const heirs = new Map<number, Heir>();
  for (const entry of due) {
    const before = services.get(serviceKeyText(entry.service));
    if (!before || before.slot !== entry.serviceSlot) continue;
    const { retired } = heirs.get(before.slot)?.after ?? before;
    const counted = countedFor(entry, totals.get(entry.slot) ?? noCounts);
    const retirement = nextGeneration(before.retirement);
    heirs.set(before.slot, {
      before,
      after: { ...before, retired: combine(retired, counted, (one, other) => one + other), retirement },
    });
  }
  return heirs;
}
