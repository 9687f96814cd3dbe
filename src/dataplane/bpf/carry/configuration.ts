/** What is carried over once: all that user space has written, and what the programs remember of it. */

import { mapUpdate, mapUpdateBatch } from '../../../linux/bpf-map.ts';
import type { Fd } from '../../../linux/libbpf.ts';
import {
  FlLimit,
  FlReason,
  flCache,
  flCacheKey,
  flClaim,
  flClaimKey,
  flCounts,
  flDestination,
  flDestinationLoad,
  flDestinationState,
  flFragment,
  flFragmentKey,
  flHashTable,
  flInterface,
  flMarkRule,
  flMember,
  flNotForwardedExample,
  flPressure,
  flService,
  flServiceKey,
  flServiceState,
  flSettings,
  flVipKey,
} from '../abi.gen.ts';
import { type DirectorMaps, type KnownMapName, type MapName, u32, u64 } from '../director-maps.ts';
import { decode, encode, type Layout } from '../layout.ts';
import { arrayKey, batches } from '../maps.ts';
import type { MapFds } from '../programs.ts';
import { defaultSettings } from '../settings.ts';
import type { Earlier } from './earlier.ts';
import { elementAt, usedElements, usedPieces } from './elements.ts';
import { type Translation, Untranslatable } from './translate.ts';
import { bytesOf, viewOf } from './views.ts';

/** A struct of ours; a bare number has no name. */
type Struct = readonly [layout: Layout, name?: string];

type HashRow = { readonly map: MapName; readonly key: Struct; readonly value: Struct };
type ArrayRow = { readonly map: MapName; readonly value: Struct };

const serviceKey: Struct = [flServiceKey, 'fl_service_key'];

/** Written by user space, and by nobody while one daemon follows the other. */
const writtenHashes: readonly HashRow[] = [
  { map: 'services', key: serviceKey, value: [flService, 'fl_service'] },
  { map: 'vips', key: [flVipKey, 'fl_vip_key'], value: [u32] },
  { map: 'hash_tables', key: [u32], value: [flHashTable, 'fl_hash_table'] },
  { map: 'masq_servers', key: serviceKey, value: [u32] },
];
const writtenArrays: readonly ArrayRow[] = [
  { map: 'members', value: [flMember, 'fl_member'] },
  { map: 'destinations', value: [flDestination, 'fl_destination'] },
];

/** What packets leave there: as it is at the last moment. */
const rememberedHashes: readonly HashRow[] = [
  { map: 'cache', key: [flCacheKey, 'fl_cache_key'], value: [flCache, 'fl_cache'] },
  { map: 'fragments', key: [flFragmentKey, 'fl_fragment_key'], value: [flFragment, 'fl_fragment'] },
  { map: 'claims', key: [flClaimKey, 'fl_claim_key'], value: [flClaim, 'fl_claim'] },
];
const rememberedArrays: readonly ArrayRow[] = [
  { map: 'service_state', value: [flServiceState, 'fl_service_state'] },
  { map: 'dest_state', value: [flDestinationState, 'fl_destination_state'] },
];

export type Copying = {
  readonly earlier: Earlier;
  readonly fds: MapFds;
  readonly maps: DirectorMaps;
};

/** Into maps that no program reads yet. Throws Untranslatable. */
export function* carryWritten({ earlier, fds, maps }: Copying, since: bigint): Generator<void> {
  maps.settings.set(0, { ...carriedSettings(earlier), carryingSince: since });
  for (const row of writtenHashes) yield* copyHash(earlier, fds[row.map], row);
  for (const row of writtenArrays) yield* copyArray(earlier, fds[row.map], row);
  carryMarkRules(earlier, fds.mark_rules);
  carryFilter(earlier, maps);
  carryInterfaces(earlier, maps);
  carryLoads(earlier, maps);
  const { templateSerial, ...pressure } = carriedPressure(earlier);
  maps.pressure.set(0, { ...pressure, templateSerial: (templateSerial + serialsBetween) >>> 0 });
}

/** So many templates may the earlier programs make while they are replaced: a serial must not be given twice. */
const serialsBetween = 1 << 24;

/** Once more what packets leave there. */
export function* carryRemembered({ earlier, fds, maps }: Copying): Generator<void> {
  for (const row of rememberedHashes) yield* copyHash(earlier, fds[row.map], row);
  for (const row of rememberedArrays) yield* copyArray(earlier, fds[row.map], row);
  carryExamples(earlier, maps);
}

/** Maps whose loss would be noticed: every version has had them. */
const needed: readonly MapName[] = [
  ...[...writtenHashes, ...writtenArrays].map(({ map }) => map),
  ...(['mark_rules', 'interfaces', 'vip_filter', 'dest_load', 'dest_counts', 'not_forwarded'] as const),
];

/** Whether all that is carried over once can be. Throws Undescribed, Untranslatable. */
export function refuseUntranslatable(earlier: Earlier): void {
  for (const name of needed) earlier.must(name);
  for (const { map, key, value } of [...writtenHashes, ...rememberedHashes]) {
    const from = earlier.map(map);
    if (!from) continue;
    toOurs(earlier, key, from.key);
    toOurs(earlier, value, from.value);
  }
  for (const { map, value } of [...writtenArrays, ...rememberedArrays]) {
    const from = earlier.map(map);
    if (from) toOurs(earlier, value, from.value);
  }
  for (const [map, value] of otherArrays) {
    const from = earlier.map(map);
    if (from) toOurs(earlier, value, from.value);
  }
  carriedSettings(earlier);
  carriedPressure(earlier);
}

/** Of which only something is carried over, or to other places. */
const otherArrays: readonly (readonly [map: KnownMapName, value: Struct])[] = [
  ['mark_rules', [flMarkRule, 'fl_mark_rule']],
  ['interfaces', [flInterface, 'fl_interface']],
  ['vip_filter', [u64]],
  ['dest_load', [flDestinationLoad, 'fl_destination_load']],
  ['service_counts', [flCounts, 'fl_counts']],
  ['dest_counts', [flCounts, 'fl_counts']],
];

function toOurs(earlier: Earlier, [layout, name = 'number']: Struct, from: Layout): Translation {
  return earlier.translation(name, layout, from);
}

function* copyHash(earlier: Earlier, to: Fd, { map, key, value }: HashRow): Generator<void> {
  const from = earlier.map(map);
  if (!from) return;
  const keyToOurs = toOurs(earlier, key, from.key);
  const valueToOurs = toOurs(earlier, value, from.value);
  for (const { keys, values, count } of batches(from.fd, from.keySize, from.valueSize)) {
    const [ourKeys, ourValues] = [viewOf(count * key[0].size), viewOf(count * value[0].size)];
    for (let at = 0; at < count; at++) {
      keyToOurs(keys, at * from.keySize, ourKeys, at * key[0].size);
      valueToOurs(values, at * from.valueSize, ourValues, at * value[0].size);
    }
    if (count > 0) mapUpdateBatch(to, bytesOf(ourKeys), bytesOf(ourValues), count);
    yield;
  }
}

/** Elements that are not all zeros, to the same index. */
function* copyArray(earlier: Earlier, to: Fd, { map, value }: ArrayRow): Generator<void> {
  const from = earlier.map(map);
  if (!from) return;
  const [layout] = value;
  const valueToOurs = toOurs(earlier, value, from.value);
  for (const { keys, values, used } of usedPieces(from)) {
    const [indexes, ourValues] = [viewOf(used.length * 4), viewOf(used.length * layout.size)];
    for (const [place, at] of used.entries()) {
      indexes.setUint32(place * 4, keys.getUint32(at * 4, true), true);
      valueToOurs(values, at * from.valueSize, ourValues, place * layout.size);
    }
    if (used.length > 0) mapUpdateBatch(to, bytesOf(indexes), bytesOf(ourValues), used.length);
    yield;
  }
}

/** A field that is new has what a fresh data plane has. Throws Untranslatable, also where there is less room here. */
function carriedSettings(earlier: Earlier) {
  const from = earlier.must('settings');
  const to = new DataView(encode(flSettings, defaultSettings).buffer);
  earlier.translation('fl_settings', flSettings, from.value)(elementAt(from, 0), 0, to, 0);
  const settings = decode(flSettings, bytesOf(to));
  const [rules, room] = [Math.max(...settings.markRules), FlLimit.FL_LIMIT_MARK_RULES];
  if (rules > room) throw new Untranslatable(`it has ${rules} mark rules, and there is room for ${room}`);
  return { ...settings, abiVersion: FlLimit.FL_LIMIT_ABI_VERSION };
}

/** What is not counted anew as entries come. */
function carriedPressure(earlier: Earlier) {
  const { templateSerial, dropCount, statelessAt } = earlier.element('pressure', 'fl_pressure', flPressure);
  return { templateSerial, dropCount, statelessAt };
}

/** The bank in force and the other one, wherever the map's half is. */
function carryMarkRules(earlier: Earlier, to: Fd): void {
  const from = earlier.map('mark_rules');
  if (!from) return;
  const room = from.maxEntries / 2;
  const { markRules: rules } = carriedSettings(earlier);
  const toOur = earlier.translation('fl_mark_rule', flMarkRule, from.value);
  for (const [bank, count] of rules.entries()) {
    for (let rule = 0; rule < count; rule++) {
      const ours = viewOf(flMarkRule.size);
      toOur(elementAt(from, bank * room + rule), 0, ours, 0);
      mapUpdate(to, arrayKey(bank * FlLimit.FL_LIMIT_MARK_RULES + rule), bytesOf(ours));
    }
  }
}

/** Its words, which say the same in every version. */
function carryFilter(earlier: Earlier, maps: DirectorMaps): void {
  const words = [...elements(earlier, 'vip_filter', u64, 'number')];
  maps.vipFilter.setMany(words.map(([index, ours]) => [index, decode(u64, ours)]));
}

/** To their places in our table. */
function carryInterfaces(earlier: Earlier, maps: DirectorMaps): void {
  for (const [, ours] of elements(earlier, 'interfaces', flInterface, 'fl_interface'))
    maps.interfaces.set(decode(flInterface, ours));
}

/** Of real servers' loads what connections do not say when they come: that an upper threshold was reached. */
function carryLoads(earlier: Earlier, maps: DirectorMaps): void {
  for (const [slot, ours] of elements(earlier, 'dest_load', flDestinationLoad, 'fl_destination_load')) {
    const { flags } = decode(flDestinationLoad, ours);
    if (flags !== 0) maps.destinationLoad.set(slot, { flags });
  }
}

/** By the names of their reasons. */
function carryExamples(earlier: Earlier, maps: DirectorMaps): void {
  const names = new Map([...earlier.enumeration('fl_reason')].map(([name, number]) => [number, name]));
  const numbers = new Map<string | undefined, number>(Object.entries(FlReason));
  const struct = 'fl_not_forwarded_example';
  for (const [there, ours] of elements(earlier, 'last_dropped', flNotForwardedExample, struct)) {
    const here = numbers.get(names.get(there));
    if (here !== undefined) maps.lastDropped.set(here, decode(flNotForwardedExample, ours));
  }
}

function* elements(earlier: Earlier, name: MapName, layout: Layout, struct: string) {
  const from = earlier.map(name);
  if (from) yield* usedElements(from, earlier.translation(struct, layout, from.value), layout);
}
