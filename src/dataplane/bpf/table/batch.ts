/**
 * Several changes that take effect together: each is planned on what those before it have made, and all are carried
 * out as one. What is taken away is in force until then: its places are given back behind it.
 */

import { FairleadError } from '../../../ipvs/errors.ts';
import { serviceKeyText } from '../../../ipvs/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Change, ServiceEntry } from './entries.ts';
import type { Extent } from './extents.ts';
import type { Moment } from './plans.ts';
import { rememberEntries, type State } from './state.ts';

type ServiceChange = Change['services'][number];
type DestinationChange = Change['destinations'][number];

export type Batch = {
  /**
   * Plans a change and remembers it as if it were made. Throws as the plan does, and SERVICE_EXISTS for a service
   * that was taken away in the same batch: it is still in the maps.
   */
  add(plan: (moment: Moment) => Change): void;
  /** All of them as one; their places in the maps are not given back yet. */
  readonly change: () => Change;
  /** Gives back the places that what is no longer there had. To be called when the change has been carried out. */
  release(): void;
};

/** `generation` is the one that the batch will take effect with. */
export function createBatch(state: State, { maps, generation, now }: Omit<Moment, 'state'>): Batch {
  const services = new Map<string, ServiceChange>();
  const destinations = new Map<number, DestinationChange>();
  const fresh = createFreshPlaces();
  const late = { slots: [] as number[], extents: [] as Extent[], tables: [] as number[] };
  const moment: Moment = { state, maps: viewOf(maps, (slot) => fresh.slots.has(slot)), generation, now };

  /** Nobody has seen what was made and replaced in the same batch. */
  const giveBack = ({ before, after }: ServiceChange): void => {
    if (!before) return;
    if (!after) {
      if (fresh.slots.delete(before.slot)) state.serviceSlots.free(before.slot);
      else late.slots.push(before.slot);
    }
    if (before.extent !== after?.extent) {
      if (fresh.extents.delete(before.extent)) state.extents.free(before.extent);
      else late.extents.push(before.extent);
    }
    if (before.table !== 0 && before.table !== after?.table) {
      if (fresh.tables.delete(before.table)) state.tables.free(before.table);
      else late.tables.push(before.table);
    }
  };

  return {
    add(plan) {
      const planned = plan(moment);
      for (const each of planned.services) {
        const key = serviceKeyText(required(each.after ?? each.before));
        const known = services.get(key);
        if (known && !known.after && each.after) throw new FairleadError('SERVICE_EXISTS', key);
        if (each.after) fresh.note(each.before, each.after);
        giveBack(each);
        const { after } = each;
        const whole = { ...firstOf(known, each), ...(after && { after }) };
        if (whole.before || whole.after) services.set(key, whole);
        else services.delete(key);
      }
      for (const each of planned.destinations) {
        const before = destinations.get(each.slot)?.before ?? each.before;
        destinations.set(each.slot, { ...each, before });
      }
      rememberEntries(state, planned);
    },
    change: () => ({ services: [...services.values()], destinations: [...destinations.values()] }),
    release() {
      for (const slot of late.slots) state.serviceSlots.free(slot);
      for (const extent of late.extents) state.extents.free(extent);
      for (const table of late.tables) state.tables.free(table);
    },
  };
}

/** What was there before the batch. */
function firstOf(known: ServiceChange | undefined, each: ServiceChange): Pick<ServiceChange, 'before'> {
  if (!known) return each.before ? { before: each.before } : {};
  return known.before ? { before: known.before } : {};
}

/** Places that were taken in this batch. */
function createFreshPlaces() {
  const slots = new Set<number>();
  const extents = new Set<Extent>();
  const tables = new Set<number>();
  return {
    slots,
    extents,
    tables,
    note(before: ServiceEntry | undefined, after: ServiceEntry): void {
      if (!before) slots.add(after.slot);
      if (after.extent !== before?.extent) extents.add(after.extent);
      if (after.table !== before?.table) tables.add(after.table);
    },
  };
}

/** The maps as plans read them: a slot that is still to be cleared is empty, and nothing is read twice. */
function viewOf(maps: DirectorMaps, isFresh: (slot: number) => boolean): DirectorMaps {
  const known = new Map<number, ReturnType<DirectorMaps['serviceState']['get']>>();
  const get = (slot: number) => {
    if (isFresh(slot)) return { cursor: 0n, edition: 0, pad: 0 };
    const value = known.get(slot) ?? maps.serviceState.get(slot);
    known.set(slot, value);
    return value;
  };
  return { ...maps, serviceState: { ...maps.serviceState, get } };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a change of nothing');
  return value;
}
