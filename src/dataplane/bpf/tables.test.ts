import { describe, expect, it } from 'vitest';
import { drain } from '../pieces.ts';
import { memoryMaps } from './table/memory-maps.ts';
import { patience } from './table-size.ts';
import { createTables, layTables } from './tables.ts';
import type { Walks } from './walks.ts';

const [ipv4, ipv6] = [0, 1];

/** Tables of which only the number of entries is told; moving takes all there is. */
function world(beforeWrite: () => void = () => {}) {
  const maps = memoryMaps(() => beforeWrite());
  layTables(maps, () => 0x1138n);
  const entries = new Map<string, number>();
  const at = (family: number, place: number): string => `${family} ${place}`;
  const tried: number[] = [];
  let stuck = false;
  const moves = function* (family: number, place: number): Generator<void, number> {
    yield; // the walk over part of it
    const { current } = maps.tables.get(family);
    const there = entries.get(at(family, place)) ?? 0;
    if (place === current || stuck) return there;
    entries.set(at(family, current), (entries.get(at(family, current)) ?? 0) + there);
    entries.delete(at(family, place));
    return 0;
  };
  const walks: Pick<Walks, 'table' | 'outside'> = {
    table: moves,
    *outside(_errand, movedOneIn) {
      tried.push(movedOneIn);
      yield;
      return [0, 0];
    },
  };
  const open = () => {
    const { sweep } = createTables({ maps, walks, limit: () => 1_000_000 });
    return { pieces: () => sweep({}), sweep: () => drain(sweep({})) };
  };
  return {
    maps,
    tables: open(),
    again: open,
    hold(family: number, count: number): void {
      const { current } = maps.tables.get(family);
      entries.set(at(family, current), count);
      maps.pressure.set(0, { connections: count });
    },
    /** For each walk over what lies outside: of how many entries one was to try a table. */
    tried,
    held: (family: number): number => entries.get(at(family, maps.tables.get(family).current)) ?? 0,
    stick: (value: boolean): void => {
      stuck = value;
    },
    chunks: (family: number): readonly number[] =>
      [0, 1].map((place) => (family === ipv4 ? maps.tableIpv4 : maps.tableIpv6).chunks(place)),
  };
}

describe('tables', () => {
  it('begin with one chunk for each family', () => {
    const { chunks, maps } = world();
    expect([chunks(ipv4), chunks(ipv6)]).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(maps.tables.get(ipv4).seed).not.toBe(maps.tables.get(ipv6).seed);
  });

  it('are replaced when they are half full, and their entries are moved at once', () => {
    const { tables, maps, hold, held, chunks } = world();
    hold(ipv4, 17);
    tables.sweep();
    expect(chunks(ipv4)).toEqual([0, 2]);
    expect(maps.tables.get(ipv4)).toMatchObject({ current: 1, chunks: [0, 2] });
    expect(held(ipv4)).toBe(17);
    expect(chunks(ipv6)).toEqual([1, 0]);
  });

  it('are kept beside their successor as long as something is left in them', () => {
    const { tables, hold, stick, chunks } = world();
    hold(ipv4, 17);
    stick(true);
    tables.sweep();
    tables.sweep();
    expect(chunks(ipv4)).toEqual([1, 2]);
    stick(false);
    tables.sweep();
    expect(chunks(ipv4)).toEqual([0, 2]);
  });

  it('become smaller when they have been nearly empty for a while', () => {
    const { tables, hold, chunks } = world();
    hold(ipv4, 500);
    tables.sweep();
    expect(chunks(ipv4)).toEqual([0, 32]);
    hold(ipv4, 1);
    for (let sweep = 1; sweep < patience; sweep++) tables.sweep();
    expect(chunks(ipv4)).toEqual([0, 32]);
    tables.sweep();
    expect(chunks(ipv4)).toEqual([1, 0]);
  });

  it('are tried by all entries outside when they are new, or when those are many, else by one in eight', () => {
    const { maps, tables, hold, tried } = world();
    const sweep = (connections: number, outside: number): void => {
      hold(ipv4, connections);
      maps.pressure.set(0, { connections, outside });
      tables.sweep();
    };
    sweep(8, 0); // nothing outside: not even looked for
    sweep(8, 0);
    expect(tried).toEqual([]);
    sweep(160, 10);
    sweep(160, 10); // the first one has made a larger table
    sweep(160, 10);
    expect(tried).toEqual([1, 1, 8]);
    sweep(160, 11);
    expect(tried.at(-1)).toBe(1);
  });

  it('lose nothing when a sweep is left off after any of its pieces, and another one begins', () => {
    for (let made = 0; ; made++) {
      const { tables, hold, held, chunks } = world();
      hold(ipv4, 100);
      const pieces = tables.pieces();
      let isDone = false;
      for (let piece = 0; piece <= made && !isDone; piece++) isDone = pieces.next().done === true;
      tables.sweep();
      tables.sweep();
      expect([held(ipv4), chunks(ipv4).filter((count) => count > 0)], `after ${made} pieces`).toEqual([
        100,
        [8],
      ]);
      if (isDone) break;
    }
  });

  it('make haste where packets are slower meanwhile: while there are two of one family', () => {
    const { tables, hold, chunks } = world();
    hold(ipv4, 17);
    const kinds = [...tables.pieces()];
    expect(chunks(ipv4)).toEqual([0, 2]);
    const [ofWalk, ofPuttingTwo, ofMoving, ofClearing] = ['usual', 'urgent', 'urgent', 'usual'];
    expect(kinds).toEqual([ofWalk, ofPuttingTwo, ofPuttingTwo, ofMoving, ofClearing, ofWalk]);
    expect([...tables.pieces()]).toEqual(['usual', 'usual']);
  });

  it('lose nothing when the daemon is killed before any of its writes', () => {
    for (let survived = 0; ; survived++) {
      let left = Number.POSITIVE_INFINITY;
      const { tables, again, hold, held, chunks } = world(() => {
        if (left-- === 0) throw new Error('killed');
      });
      hold(ipv4, 100);
      left = survived;
      let isKilled = false;
      try {
        tables.sweep();
      } catch {
        isKilled = true;
      }
      left = Number.POSITIVE_INFINITY;
      const next = again();
      next.sweep();
      next.sweep();
      expect([held(ipv4), chunks(ipv4).filter((count) => count > 0)], `after ${survived} writes`).toEqual([
        100,
        [8],
      ]);
      if (!isKilled) break;
    }
  });
});
