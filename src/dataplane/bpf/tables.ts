/** The tables that connections lie in: made, read, and replaced by larger or smaller ones as they fill and empty. */

import { randomBytes } from 'node:crypto';
import type { Family } from '../../ipvs/address.ts';
import { runSystemProgram } from '../../linux/bpf-test-run.ts';
import type { Fd } from '../../linux/libbpf.ts';
import type { SweepPiece } from '../dataplane.ts';
import { drain, ofKind } from '../pieces.ts';
import { FlLimit, flAlignment } from './abi.gen.ts';
import type { ListedConnection, ListedKey } from './codec/connection.ts';
import type { DirectorMaps } from './director-maps.ts';
import { decode, encode, type Layout } from './layout.ts';
import type { Places } from './places.ts';
import { patience, wantedChunks } from './table-size.ts';
import type { Errand, Walks } from './walks.ts';

/** By their places in `tables` (enum fl_table_family). */
const families: readonly Family[] = [4, 6];

/** More connections than one in so many outside are more than full buckets leave there (docs/design/0008-connection-table.md). */
const manyOneIn = 16;
const triesOneIn = 8;

export type TableMaps = Pick<DirectorMaps, 'tables' | 'tableIpv4' | 'tableIpv6' | 'connections' | 'pressure'>;

export type TableModules = {
  readonly maps: TableMaps;
  readonly walks: Pick<Walks, 'table' | 'outside'>;
  /** Connections that the data plane holds at most. */
  readonly limit: () => number;
};

export type Tables = ReturnType<typeof createTables>;

type Entry = readonly [ListedKey, ListedConnection];

type Sweeping<T = void> = Generator<SweepPiece, T>;

export type TablePiece = { readonly family: Family; readonly values: DataView; readonly octets: number };

/**
 * For a new data plane: the smallest tables there are, or of so many chunks, by place in `tables`. `addressOf` says where
 * the kernel has put the first one.
 */
export function layTables(
  maps: TableMaps,
  addressOf: () => bigint,
  chunksOf: (index: number) => number = () => 1,
): void {
  for (const [index, family] of families.entries()) drain(placesOf(maps, family).put(0, chunksOf(index)));
  const shift = Number(-addressOf() & BigInt(FlLimit.FL_LIMIT_CACHE_LINE - 1));
  for (const index of families.keys())
    maps.tables.set(index, { seed: randomBytes(8).readBigUInt64LE(), chunks: [chunksOf(index), 0], shift });
}

/** By fl_align (bpf/lib/align.h). */
export function addressOfChunk(align: Fd): bigint {
  const context = encode(flAlignment, {});
  runSystemProgram(align, context);
  return decode(flAlignment, context).address;
}

export function createTables({ maps, walks, limit }: TableModules) {
  const sparse = new Map<Family, number>();
  /** A table has come that entries outside have not tried yet. */
  let isNew = true;

  /** Those whose buckets are full try now and then whether they are still: to try takes longer than to look at an entry. */
  const sweepOutside = function* (errand: Errand): Sweeping<readonly number[]> {
    const { connections, outside } = maps.pressure.get(0);
    if (outside === 0) return [];
    const areMany = outside * manyOneIn > connections;
    const wasNew = isNew;
    isNew = false;
    return yield* ofKind('usual', walks.outside(errand, wasNew || areMany ? 1 : triesOneIn));
  };

  /**
   * Moves what is left at another place than the current one. Whether that is free then. Until programs are told so, each
   * packet without an entry looks at both, and none is told at once to be nobody's (bpf/lib/fast/tc.h).
   */
  const clearOther = function* (index: number, family: Family, errand: Errand): Sweeping<boolean> {
    const tables = placesOf(maps, family);
    const other = 1 - maps.tables.get(index).current;
    const isTaken = tables.chunks(other) > 0;
    if (isTaken && (yield* ofKind('urgent', walks.table(index, other, errand))) > 0) return false;
    const table = maps.tables.get(index);
    if (table.chunks[other] !== 0) maps.tables.set(index, { ...table, chunks: table.chunks.with(other, 0) });
    if (isTaken) yield* ofKind('usual', tables.clear(other));
    return true;
  };
  /** A table that is too large may be needed again soon. */
  const isPatient = (family: Family, isTooLarge: boolean): boolean => {
    const waited = isTooLarge ? (sparse.get(family) ?? 0) + 1 : 0;
    sparse.set(family, waited);
    return waited > 0 && waited < patience;
  };
  const replace = function* (index: number, family: Family, chunks: number): Sweeping {
    const table = maps.tables.get(index);
    const other = 1 - table.current;
    yield* ofKind('urgent', placesOf(maps, family).put(other, chunks));
    const sizes = table.chunks.with(other, chunks);
    // First the size, by a write of its own: a program that reads both meanwhile must not see the new place without it.
    maps.tables.set(index, { ...table, chunks: sizes });
    maps.tables.set(index, { ...table, chunks: sizes, current: other });
    sparse.set(family, 0);
    isNew = true;
    yield* clearOther(index, family, {});
  };
  const sweepFamily = function* (index: number, family: Family, outside: number, errand: Errand): Sweeping {
    const isFree = yield* clearOther(index, family, errand);
    const { current } = maps.tables.get(index);
    const tables = placesOf(maps, family);
    const chunks = tables.chunks(current);
    const isEmpty = maps.pressure.get(0).connections === 0;
    const entries = isEmpty ? 0 : yield* ofKind('usual', walks.table(index, current, errand));
    const room = tables.chunk * FlLimit.FL_LIMIT_BUCKET_ENTRIES;
    const wanted = wantedChunks(entries + outside, chunks, room, limit());
    if (!isPatient(family, wanted < chunks) && wanted !== chunks && isFree)
      yield* replace(index, family, wanted);
  };

  return {
    /**
     * Takes out what has expired. A table that turns out too small, or for long much too large, is replaced by
     * another, which takes over at once; the old one's entries are moved, and it goes. May be left off after any piece,
     * for good or for a sweep from the beginning; while it goes on, no other may.
     */
    *sweep(errand: Errand): Sweeping {
      const outside = yield* sweepOutside(errand);
      for (const [index, family] of families.entries())
        yield* sweepFamily(index, family, outside[index] ?? 0, errand);
    },
    /** Ends all connections that are bound to a real server, by slot: how many there were. */
    evict(slot: number): number {
      const errand = { evicted: slot };
      const outside = maps.pressure.get(0).outside > 0 ? drain(walks.outside(errand, 1)) : [];
      let ended = outside.reduce((total, number) => total + number, 0);
      for (const [index, family] of families.entries()) {
        for (let place = 0; place < FlLimit.FL_LIMIT_TABLE_PLACES; place++)
          if (placesOf(maps, family).chunks(place) > 0) ended += drain(walks.table(index, place, errand));
      }
      return ended;
    },
    /** Their entries as they lie there, some at a time; each is valid until the next one. */
    *pieces(): Generator<TablePiece> {
      for (let place = 0; place < FlLimit.FL_LIMIT_TABLE_PLACES; place++) {
        for (const family of families) {
          const tables = placesOf(maps, family);
          for (const { values, count } of tables.pieces(place))
            yield { family, values, octets: count * tables.layout.size };
        }
      }
    },
    /** Those that lie beside their table. */
    *outside(): Generator<Entry> {
      if (maps.pressure.get(0).outside > 0) yield* maps.connections.entries();
    },
  };
}

function placesOf(maps: TableMaps, family: Family): Places<Layout> {
  return family === 4 ? maps.tableIpv4 : maps.tableIpv6;
}
