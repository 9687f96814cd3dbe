/**
 * A change of the table as writes: prepare, commit, settle (docs/design/0007-versioned-configuration.md). Whoever
 * reads the maps between any two of them finds what was before the change, or what is after it.
 */

import { type Address, familyOf } from '../../../ipvs/address.ts';
import { hashTableOf } from '../../../ipvs/hash/table.ts';
import { serviceFamily } from '../../../ipvs/service.ts';
import type { flMember, flServiceKey, flVipKey } from '../abi.gen.ts';
import { addressToWords } from '../codec/address.ts';
import { encodeServiceKey } from '../codec/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Encodable } from '../layout.ts';
import { parts } from '../maps.ts';
import type { Change, Place } from './entries.ts';
import { type Hints, highest, hintsAfter, sameHints, turnover, vipsOfChange } from './hints.ts';
import { settleMasqServers, writeMasqServers } from './masq-servers.ts';
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
import { filterWords } from './vip-filter.ts';

export type Kernel = {
  readonly maps: DirectorMaps;
  /** Takes the mark of an overload off the real server in a slot: dest_load is the data plane's to write. */
  readonly relieve: (slot: number) => void;
  /** Nanoseconds of the data plane's clock. */
  readonly now: () => bigint;
  /** What is to be seen to before a change takes effect. Where it throws, the change does not. */
  readonly beforeCommit?: ((change: Change) => void) | undefined;
};

/** What the table knows of the maps' hints. */
type Known = Pick<State, 'hints' | 'vips' | 'filter' | 'masqServers'>;

/**
 * Writes a change that takes effect with `generation`, in pieces: what goes on between two of them may read the maps and
 * change what of `settings` is nobody's here, but make no other change. `state` is still that before it. `committed` is
 * called when it has taken effect.
 */
export function* carryOut(
  kernel: Kernel,
  state: Known,
  change: Change,
  generation: number,
  committed: () => void,
): Generator<void> {
  const { maps } = kernel;
  const hints = hintsAfter(state.hints, change);

  yield* clearFreshSlots(maps, change);
  yield* inParts(preparedOf(change, generation), maps.destinations.setMany);
  yield* writeLists(maps, change);
  writeVips(maps, state, change);
  writeMasqServers(maps, state.masqServers, change);
  setHints(maps, highest(state.hints, hints));
  yield* putServices(maps, change, (each) => preparedService(each, generation));

  kernel.beforeCommit?.(change);
  maps.settings.set(0, { ...maps.settings.get(0), generation });
  committed();

  yield* settleServices(maps, change);
  yield* settleDestinations(kernel, change, generation);
  settleVips(maps, state, change);
  settleMasqServers(maps, state.masqServers, change);
  setHints(maps, hints);
}

function* inParts<T>(entries: Iterable<T>, write: (some: readonly T[]) => void): Generator<void> {
  for (const some of parts(entries)) {
    write(some);
    yield;
  }
}

function setHints(maps: DirectorMaps, hints: Hints): void {
  const settings = maps.settings.get(0);
  if (!sameHints(settings, hints)) maps.settings.set(0, { ...settings, ...hints });
}

/** Nothing is counted and nobody bound where something new is to be. */
function* clearFreshSlots(maps: DirectorMaps, change: Change): Generator<void> {
  yield* inParts(cleared(freshServices(change)), maps.serviceState.setMany);
  yield* inParts(cleared(freshDestinations(change)), maps.destinationState.setMany);
  yield* inParts(cleared(freshDestinations(change)), maps.destinationLoad.setMany);
  yield* inParts(freshDestinations(change), maps.destinationCounts.clearMany);
}

// What a change comes to is made piece by piece while it is written: a change may be of 100,000 real servers.

function* freshServices({ services }: Change): Generator<number> {
  for (const { before, after } of services) if (after && !before) yield after.slot;
}

function* freshDestinations({ destinations }: Change): Generator<number> {
  for (const { slot, before, after } of destinations)
    if (before.kind === 'free' && after.kind !== 'free') yield slot;
}

function* cleared(slots: Iterable<number>): Generator<readonly [number, object]> {
  for (const slot of slots) yield [slot, {}];
}

function* preparedOf(
  { destinations }: Change,
  generation: number,
): Generator<readonly [number, DestinationValue]> {
  for (const each of destinations) {
    const value = preparedDestination(each, generation);
    if (value) yield [each.slot, value];
  }
}

/** The extents and hash tables that the new configurations point to. */
function* writeLists(maps: DirectorMaps, { services }: Change): Generator<void> {
  yield* inParts(membersOf(services), maps.members.setMany);
  for (const { before, after } of services) {
    if (!after || after.table === 0 || after.table === before?.table) continue;
    const slots = hashTableOf(after.scheduler, after.destinations, serviceFamily(after));
    if (slots) maps.hashTables.set({ value: after.table }, { slot: slots });
    yield;
  }
}

function* membersOf(
  services: readonly ServiceChange[],
): Generator<readonly [number, Encodable<typeof flMember>]> {
  for (const { before, after } of services) {
    if (!after || after.extent === before?.extent) continue;
    let index = after.extent.first;
    for (const { slot, weight, lastWeight, sequence } of after.destinations)
      yield [index++, { destination: slot, weight, lastWeight, sequence }];
  }
}

function* settleServices(maps: DirectorMaps, change: Change): Generator<void> {
  yield* putServices(maps, change, ({ after }) => after && settledService(after));
  for (const { before, after } of change.services) {
    if (!after && before) maps.services.delete(encodeServiceKey(before));
    if (before && before.table !== 0 && before.table !== after?.table)
      maps.hashTables.delete({ value: before.table });
    yield;
  }
}

type ServiceChange = Change['services'][number];
type Version = (each: ServiceChange) => ServiceValue | undefined;

function putServices(maps: DirectorMaps, { services }: Change, versionOf: Version): Generator<void> {
  return inParts(versionsOf(services, versionOf), maps.services.setMany);
}

function* versionsOf(
  services: readonly ServiceChange[],
  versionOf: Version,
): Generator<readonly [Encodable<typeof flServiceKey>, ServiceValue]> {
  for (const each of services) {
    const entry = each.after ?? each.before;
    const value = versionOf(each);
    if (entry && value) yield [encodeServiceKey(entry), value];
  }
}

function* settleDestinations({ maps, relieve }: Kernel, change: Change, generation: number): Generator<void> {
  const { destinations } = change;
  for (const { slot, before, after } of destinations) {
    if (!relieves(before, after)) continue;
    relieve(slot);
    yield;
  }
  // In two steps: an element of an array is not replaced as a whole, and both may be read meanwhile.
  yield* inParts(settlingOf(change, generation), maps.destinations.setMany);
  yield* inParts(settledOf(change), maps.destinations.setMany);
}

function* settlingOf(change: Change, generation: number): Generator<readonly [number, DestinationValue]> {
  for (const [slot, value] of preparedOf(change, generation))
    if (value.nextSince) yield [slot, settlingDestination(value)];
}

function* settledOf({ destinations }: Change): Generator<readonly [number, DestinationValue]> {
  for (const { slot, after } of destinations) yield [slot, settledDestination(after)];
}

/** IPVS: a real server whose upper threshold is raised, or taken off, is no longer overloaded. */
function relieves(before: Place, after: Place): boolean {
  if (before.kind === 'free' || after.kind === 'free') return false;
  return thresholdRelieves(before.holding.upperThreshold, after.holding.upperThreshold);
}

export function thresholdRelieves(before: number, after: number): boolean {
  return before !== after && (after === 0 || after > before);
}

/** Addresses that get a service, or another one: seen before it exists. */
function writeVips(maps: DirectorMaps, { vips, filter }: Known, change: Change): void {
  const gains = vipsOfChange(change);
  const { comes } = turnover(vips, gains);
  const raised = [...gains].filter(([, gain]) => gain > 0);
  maps.vips.setMany(raised.map(([address, gain]) => vipEntry(address, (vips.get(address) ?? 0) + gain)));
  maps.vipFilter.setMany(filterWords(filter, { comes }));
}

/** Those that lose one, once it is gone. */
function settleVips(maps: DirectorMaps, { vips, filter }: Known, change: Change): void {
  const gains = vipsOfChange(change);
  const { comes, goes } = turnover(vips, gains);
  const lowered = [...gains]
    .filter(([, gain]) => gain < 0)
    .map(([address, gain]) => vipEntry(address, (vips.get(address) ?? 0) + gain));
  if (goes.length > 0) maps.vipFilter.setMany(filterWords(filter, { comes, goes }));
  maps.vips.setMany(lowered.filter(([, { value }]) => value > 0));
  for (const [key, { value }] of lowered) if (value <= 0) maps.vips.delete(key);
}

type VipEntry = readonly [Encodable<typeof flVipKey>, { readonly value: number }];

function vipEntry(address: Address, value: number): VipEntry {
  return [{ address: addressToWords(address), family: familyOf(address) }, { value }];
}
