/**
 * From the data plane of another version to ours, while packets are forwarded (docs/design/0015-carrying-over.md).
 *
 * Ours is made beside it, and filled; then its programs take the others' places; what has changed meanwhile follows.
 * The anchor on lo is the last to be replaced: as long as it leads to the maps of the other version, there is
 * something left to be done, and whoever comes after a daemon that was killed does it.
 */

import { mapInfo } from '../../../linux/bpf-info.ts';
import type { LoadedObject } from '../../../linux/bpf-object.ts';
import { closeFd, duplicateFd } from '../../../linux/bpf-program.ts';
import type { Fd } from '../../../linux/libbpf.ts';
import { FlLimit } from '../abi.gen.ts';
import { loadAround, type Sizes, sizedMaps } from '../around.ts';
import { completed } from '../codec/counts.ts';
import { type DirectorMaps, directorMaps, type MapName } from '../director-maps.ts';
import type { AttachedProgram, alignProgram } from '../place.ts';
import type { Source } from '../programs.ts';
import { findBegun, missingPrograms, ownAround, type Remains } from '../remains.ts';
import { addressOfChunk, layTables } from '../tables.ts';
import { carryRemembered, carryWritten, refuseUntranslatable } from './configuration.ts';
import { carryCounters, carryDrops } from './counters.ts';
import { type Earlier, readEarlier } from './earlier.ts';
import { carryEntries, type Passed, refuseUntranslatableEntries, roomIn } from './entries.ts';
import { Untranslatable } from './translate.ts';

const carryPrograms = [
  'fl_carry_connections',
  'fl_carry_templates',
  'fl_carry_sip',
  'fl_carry_drops',
] as const;

type CarryObject = LoadedObject<
  AttachedProgram | typeof alignProgram | (typeof carryPrograms)[number],
  MapName | 'carried'
>;

export type Carry = {
  readonly kind: 'carry';
  /** FL_ABI_VERSION of the other version, and its map `settings`. */
  readonly version: number;
  readonly from: Fd;
  readonly names: readonly AttachedProgram[];
  /** Programs of ours that interfaces have already. */
  readonly taken: ReadonlyMap<AttachedProgram, Fd>;
  readonly object: CarryObject;
  /** Fills our maps, in pieces: others may do something meanwhile, or give it up. Once it has ended, programs may be replaced. */
  copy(): Generator<void>;
  /** Once no program works on the other version's maps any more: brings the rest. */
  settle(): void;
  /** How often an entry was brought so far, and how many found no room. */
  passed(): Passed;
  close(): void;
};

/** Passes that bring few entries are not worth another one; those under load bring some each time. */
const fewEntries = 2000;
const mostPasses = 6;
const never = 2n ** 64n - 1n;

/**
 * Loads ours beside what is there, and says whether all can be carried over: throws Undescribed, Untranslatable,
 * SYSTEM_CALL. Nothing is changed.
 */
export function beginCarry(
  source: Source,
  origin: Uint8Array,
  remains: Remains,
  wanted: readonly AttachedProgram[],
): Carry {
  const fds = new Map([...remains.maps].map(([name, fd]) => [name, duplicateFd(fd)]));
  const closeAll = (held: Iterable<Fd>): void => {
    for (const fd of held) closeFd(fd);
  };
  try {
    const earlier = readEarlier(fds);
    refuseUntranslatable(earlier);
    refuseUntranslatableEntries(earlier);
    const begun = findBegun(remains);
    try {
      const own = ownAround(remains.programs, begun ?? new Map(), origin);
      const names = missingPrograms({ programs: remains.programs, own }, wanted);
      const more = { programs: carryPrograms, maps: ['carried'] as const };
      const object = loadAround(source, begun ?? new Map(), names, sizesOf(earlier), more);
      try {
        refuseSmaller(earlier, object.maps);
        const taken = new Map([...own].map(([name, { fd }]) => [name, duplicateFd(fd)]));
        const close = (): void => closeAll(fds.values());
        return carryOf(earlier, { names, taken, object }, begun !== undefined, close);
      } catch (error) {
        object.close();
        throw error;
      }
    } finally {
      closeAll(begun?.values() ?? []);
    }
  } catch (error) {
    closeAll(fds.values());
    throw error;
  }
}

function carryOf(
  earlier: Earlier,
  loaded: Pick<Carry, 'names' | 'taken' | 'object'>,
  isBegun: boolean,
  closeEarlier: () => void,
): Carry {
  const { programs, maps: fds } = loaded.object;
  const maps = directorMaps(fds);
  const modules = { earlier, programs, carried: fds.carried };
  let isCopied = isBegun;
  let passed: Passed = { entries: 0, refused: 0 };
  const pass = function* (since: bigint, againFrom: bigint): Generator<void, number> {
    const { entries, refused } = yield* carryEntries(modules, { since, againFrom });
    passed = { entries: passed.entries + entries, refused: passed.refused + refused };
    return entries;
  };
  return {
    kind: 'carry',
    version: earlier.version,
    from: earlier.must('settings').fd,
    ...loaded,
    *copy() {
      if (isCopied) return;
      layTables(
        maps,
        () => addressOfChunk(programs.fl_align),
        (index) => chunksFor(earlier, maps, index),
      );
      let since = 0n;
      yield* carryWritten({ earlier, fds, maps }, now());
      for (let number = 0; number < mostPasses; number++) {
        const next = now();
        const entries = yield* pass(since, next);
        since = next;
        if (number > 0 && entries < fewEntries) break;
      }
      yield* carryRemembered({ earlier, fds, maps });
      maps.settings.set(0, { ...maps.settings.get(0), carryingSince: since });
      isCopied = true;
    },
    settle() {
      maps.tableIpv4.awaitPrograms();
      const settings = maps.settings.get(0);
      if (settings.carryingSince !== 0n) {
        completed(pass(settings.carryingSince, never));
        maps.settings.set(0, { ...settings, carryingSince: 0n });
      }
      completed(carryCounters(earlier, maps));
      carryDrops(earlier, programs.fl_carry_drops);
      for (const name of carryPrograms) closeFd(programs[name]);
      closeFd(fds.carried);
      closeEarlier();
    },
    passed: () => passed,
    close() {
      loaded.object.close();
      for (const fd of loaded.taken.values()) closeFd(fd);
      closeEarlier();
    },
  };
}

/** CLOCK_MONOTONIC, ns. */
const now = (): bigint => process.hrtime.bigint();

/** As large as they are there: a daemon that takes over does not change it. */
function sizesOf(earlier: Earlier): Sizes {
  return Object.fromEntries(
    sizedMaps.flatMap((name) => {
      const size = earlier.map(name)?.maxEntries;
      return size === undefined ? [] : [[name, size]];
    }),
  );
}

/** A table that takes what the other version's takes. */
function chunksFor(earlier: Earlier, maps: DirectorMaps, index: number): number {
  const { chunk } = index === 0 ? maps.tableIpv4 : maps.tableIpv6;
  const entries = roomIn(earlier, index === 0 ? 'table_ipv4' : 'table_ipv6');
  return Math.max(1, Math.ceil(entries / (chunk * FlLimit.FL_LIMIT_BUCKET_ENTRIES)));
}

/** Maps in which what is carried over keeps its place. */
const indexed = ['service_state', 'members', 'destinations', 'dest_state', 'vip_filter'] as const;

function roomOf(name: (typeof indexed)[number], map: Fd): number {
  return name === 'vip_filter' ? FlLimit.FL_LIMIT_FILTER_WORDS : mapInfo(map).maxEntries;
}

function refuseSmaller(earlier: Earlier, maps: Readonly<Record<MapName, Fd>>): void {
  for (const name of indexed) {
    const there = earlier.map(name)?.maxEntries ?? 0;
    const here = roomOf(name, maps[name]);
    if (there > here)
      throw new Untranslatable(`its map ${name} has room for ${there} elements, ours for ${here}`);
  }
}
