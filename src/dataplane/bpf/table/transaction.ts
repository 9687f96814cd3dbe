/**
 * A change of the table as writes: prepare, commit, settle (docs/design/0007-versioned-configuration.md). Whoever
 * reads the maps between any two of them finds what was before the change, or what is after it.
 */

import { familyOf } from '../../../ipvs/address.ts';
import { hashTableOf } from '../../../ipvs/hash/table.ts';
import { serviceFamily } from '../../../ipvs/service.ts';
import { addressToWords } from '../codec/address.ts';
import { encodeServiceKey } from '../codec/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Settings } from '../settings.ts';
import type { Change, Place } from './entries.ts';
import { highest, hintsAfter, sameHints, vipsOfChange } from './hints.ts';
import type { State } from './state.ts';
import {
  type DestinationValue,
  preparedDestination,
  preparedService,
  type ServiceValue,
  settledDestination,
  settledService,
  settlingDestination,
} from './versions.ts';

export type Kernel = {
  readonly maps: DirectorMaps;
  /** Takes the mark of an overload off the real server in a slot: dest_state is the data plane's to write. */
  readonly relieve: (slot: number) => void;
  /** Nanoseconds of the data plane's clock. */
  readonly now: () => bigint;
};

/** Writes a change that takes effect with `generation`; `state` and `settings` are still those before it. */
export function carryOut(
  kernel: Kernel,
  state: Pick<State, 'hints' | 'vips'>,
  change: Change,
  settings: Settings,
  generation: number,
): void {
  const { maps } = kernel;
  const hints = hintsAfter(state.hints, change);
  const raised = { ...settings, ...highest(state.hints, hints) };

  clearFreshSlots(maps, change);
  const prepared = change.destinations.flatMap(({ slot, ...places }) => {
    const value = preparedDestination({ slot, ...places }, generation);
    return value ? [{ slot, ...places, value }] : [];
  });
  maps.destinations.setMany(prepared.map(({ slot, value }) => [slot, value]));
  writeLists(maps, change);
  writeVips(maps, state, change, (gain) => gain > 0);
  if (!sameHints(settings, raised)) maps.settings.set(0, raised);
  putServices(maps, change, (each) => preparedService(each, generation));

  maps.settings.set(0, { ...raised, generation });

  settleServices(maps, change);
  settleDestinations(kernel, change, prepared);
  writeVips(maps, state, change, (gain) => gain < 0);
  if (!sameHints(raised, hints)) maps.settings.set(0, { ...raised, ...hints, generation });
}

/** Nothing is counted and nobody bound where something new is to be. */
function clearFreshSlots(maps: DirectorMaps, { services, destinations }: Change): void {
  const freshServices = services.flatMap(({ before, after }) => (after && !before ? after.slot : []));
  maps.serviceState.setMany(freshServices.map((slot) => [slot, {}]));
  maps.serviceCounts.clearMany(freshServices);
  const fresh = destinations.filter(({ before, after }) => before.kind === 'free' && after.kind !== 'free');
  maps.destinationState.setMany(fresh.map(({ slot }) => [slot, {}]));
  maps.destinationCounts.clearMany(fresh.map(({ slot }) => slot));
}

/** The extents and hash tables that the new configurations point to. */
function writeLists(maps: DirectorMaps, { services }: Change): void {
  const changed = services.flatMap(({ before, after }) =>
    after && after.extent !== before?.extent ? after : [],
  );
  const members = changed.flatMap(({ extent, destinations }) =>
    destinations.map(({ slot, weight, lastWeight, sequence }, index) => {
      const member = { destination: slot, weight, lastWeight, sequence };
      return [extent.first + index, member] as const;
    }),
  );
  maps.members.setMany(members);
  for (const { before, after } of services) {
    if (!after || after.table === 0 || after.table === before?.table) continue;
    const slots = hashTableOf(after.scheduler, after.destinations, serviceFamily(after));
    if (slots) maps.hashTables.set({ value: after.table }, { slot: slots });
  }
}

function settleServices(maps: DirectorMaps, change: Change): void {
  putServices(maps, change, ({ after }) => after && settledService(after));
  for (const { before, after } of change.services) {
    if (!after && before) maps.services.delete(encodeServiceKey(before));
    if (before && before.table !== 0 && before.table !== after?.table)
      maps.hashTables.delete({ value: before.table });
  }
}

function putServices(
  maps: DirectorMaps,
  { services }: Change,
  made: (each: Change['services'][number]) => ServiceValue | undefined,
): void {
  const entries = services.flatMap((each) => {
    const entry = each.after ?? each.before;
    const value = made(each);
    return entry && value ? [[encodeServiceKey(entry), value] as const] : [];
  });
  maps.services.setMany(entries);
}

type Prepared = Change['destinations'][number] & { readonly value: DestinationValue };

function settleDestinations(kernel: Kernel, { destinations }: Change, prepared: readonly Prepared[]): void {
  const { maps, relieve } = kernel;
  const changing = prepared.filter(({ value }) => value.nextSince);
  for (const { slot, before, after } of changing) if (relieves(before, after)) relieve(slot);
  // In two steps: an element of an array is not replaced as a whole, and both may be read meanwhile.
  maps.destinations.setMany(changing.map(({ slot, value }) => [slot, settlingDestination(value)]));
  maps.destinations.setMany(destinations.map(({ slot, after }) => [slot, settledDestination(after)]));
}

/** IPVS: a real server whose upper threshold is raised, or taken off, is no longer overloaded. */
function relieves(before: Place, after: Place): boolean {
  if (before.kind === 'free' || after.kind === 'free') return false;
  return thresholdRelieves(before.holding.upperThreshold, after.holding.upperThreshold);
}

export function thresholdRelieves(before: number, after: number): boolean {
  return before !== after && (after === 0 || after > before);
}

function writeVips(
  maps: DirectorMaps,
  state: Pick<State, 'vips'>,
  change: Change,
  when: (gain: number) => boolean,
): void {
  const counts = [...vipsOfChange(change)]
    .filter(([, gain]) => when(gain))
    .map(([address, gain]) => {
      const key = { address: addressToWords(address), family: familyOf(address) };
      return { key, value: (state.vips.get(address) ?? 0) + gain };
    });
  maps.vips.setMany(counts.filter(({ value }) => value > 0).map(({ key, value }) => [key, { value }]));
  for (const { key, value } of counts) if (value <= 0) maps.vips.delete(key);
}
