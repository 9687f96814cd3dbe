/**
 * The programs that walk over connections and templates (bpf/lib/walk.h), as functions. They pause after each slice, of
 * about a millisecond at most, for whoever has other things to do meanwhile.
 */

import { runSystemProgram } from '../../linux/bpf-test-run.ts';
import { FlLimit, flWalk, flWalkOutside, flWalkSip, flWalkTable, flWalkTemplates } from './abi.gen.ts';
import type { DirectorMaps } from './director-maps.ts';
import { decode, decodeIn, encode } from './layout.ts';
import type { KeyPiece } from './maps.ts';
import type { Programs } from './programs.ts';

/** What a walk is for: to end what is bound to a real server, by slot, or else what has expired, and with `thins` some more. */
export type Errand = { readonly evicted?: number; readonly thins?: boolean };

export type Walks = {
  /** Over a family's table at a place: how many entries were evicted, or stay there. Families: enum fl_table_family. */
  table(family: number, place: number, errand: Errand): Generator<void, number>;
  /**
   * The same of entries that lie in no table, by family. Of those that stay, one in so many looks whether a table has room for
   * it by now: that takes longer than all else.
   */
  outside(errand: Errand, movedOneIn: number): Generator<void, readonly number[]>;
  templates(errand: Errand): Generator<void>;
};

export type WalkModules = {
  readonly programs: Pick<Programs, 'need' | 'fd'>;
  readonly maps: Pick<DirectorMaps, 'connections' | 'templates' | 'sipTemplates' | 'pressure'>;
  /** Entries that each of these hash maps was made for. */
  readonly limit: () => number;
};

const sliceMicroseconds = 1000;
/** Of a hash map: the kernel takes some 2 ns for each in which nothing is. */
const sliceBuckets = 1 << 18;
const sliceKeys = 256;

/** How many of the entries of a hash map to ask for in a slice. It has a bucket for each that it was made for. Pure. */
export function keysInSlice(entries: number, limit: number): number {
  const buckets = 2 ** Math.ceil(Math.log2(limit));
  return Math.min(Math.max(Math.round((entries * sliceBuckets) / buckets), 1), sliceKeys);
}

type KeyedProgram = 'fl_walk_outside' | 'fl_walk_templates' | 'fl_walk_sip';
type KeyedLayout = typeof flWalkOutside | typeof flWalkTemplates | typeof flWalkSip;

export function createWalks({ programs, maps, limit }: WalkModules): Walks {
  const walkOf = ({ evicted = 0, thins = false }: Errand) => ({ evicted, thins: thins ? 1 : 0 });
  /** `pieces` has the keys, which the program is given as many at a time as it takes. */
  const keyed = function* (
    [name, layout]: readonly [KeyedProgram, KeyedLayout],
    pieces: Iterable<KeyPiece>,
    errand: Errand,
    movedOneIn?: number,
  ): Generator<void, readonly number[]> {
    const asked = { walk: walkOf(errand), ...(movedOneIn !== undefined && { movedOneIn }) };
    const context = encode(layout as typeof flWalkOutside, asked);
    const view = new DataView(context.buffer);
    const { key, count: counter } = layout.fields;
    const { size } = key.layout;
    const total = [0, 0];
    for (const { keys, count } of pieces) {
      for (let from = 0; from < count; from += FlLimit.FL_LIMIT_WALK_KEYS) {
        const end = Math.min(from + FlLimit.FL_LIMIT_WALK_KEYS, count);
        context.set(keys.subarray(from * size, end * size), key.offset);
        view.setUint32(counter.offset, end - from, true);
        runSystemProgram(programs.fd(name), context);
        for (const [family, number] of decodeIn(flWalk, view, 0).entries.entries())
          total[family] = (total[family] ?? 0) + number;
      }
      yield;
    }
    return total;
  };
  return {
    *table(family, place, errand) {
      let [total, bucket] = [0, 0];
      for (;;) {
        const context = encode(flWalkTable, {
          ...{ walk: walkOf(errand), family, place, bucket, sliceUs: sliceMicroseconds },
        });
        runSystemProgram(programs.fd('fl_walk_table'), context);
        const answer = decode(flWalkTable, context);
        total += answer.walk.entries[family] ?? 0;
        ({ bucket } = answer);
        if (bucket === 0) return total;
        yield;
      }
    },
    outside(errand, movedOneIn) {
      const pieces = maps.connections.keyPieces(keysInSlice(maps.pressure.get(0).outside, limit()));
      return keyed(['fl_walk_outside', flWalkOutside], pieces, errand, movedOneIn);
    },
    *templates(errand) {
      programs.need(['fl_walk_templates', 'fl_walk_sip']);
      const most = keysInSlice(maps.pressure.get(0).templates, limit());
      yield* keyed(['fl_walk_templates', flWalkTemplates], maps.templates.keyPieces(most), errand);
      yield* keyed(['fl_walk_sip', flWalkSip], maps.sipTemplates.keyPieces(most), errand);
    },
  };
}
