/**
 * Extents of an array map: runs of elements, as large as a power of 2 and aligned to it.
 *
 * What was never used is given out first, then what was freed longest ago: a CPU may still be walking an extent
 * that has just been given up. Only when neither has the size are freed neighbours joined (a buddy allocator).
 */

import { createQueue, type Queue } from './queue.ts';

export type Extent = {
  readonly first: number;
  /** 0, or a power of 2. */
  readonly room: number;
};

export type Extents = {
  /** Room for so many elements, or `undefined` when there is none. */
  take(count: number): Extent | undefined;
  free(extent: Extent): void;
  /** Others, of which the same are taken. */
  copy(): Extents;
};

export const noExtent: Extent = { first: 0, room: 0 };

/** The room that so many elements take. */
export function roomFor(count: number): number {
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}

/** `limit` is a power of 2. `occupied` are those found in use. */
export function createExtents(limit: number, occupied: readonly Extent[] = []): Extents {
  const unused = createBlocks();
  unusedBlocks(limit, occupied).forEach(unused.put);
  return extentsOf(limit, unused, createBlocks());
}

function extentsOf(limit: number, unused: Blocks, returned: Blocks): Extents {
  /** A block that was never used, the smallest that is large enough, cut down to size. */
  const takeUnused = (room: number): Extent | undefined => {
    for (let size = room; size <= limit; size *= 2) {
      const block = unused.take(size);
      if (!block) continue;
      for (let half = size / 2; half >= room; half /= 2)
        unused.put({ first: block.first + half, room: half });
      return { first: block.first, room };
    }
    return undefined;
  };

  return {
    take(count) {
      const room = roomFor(count);
      if (room === 0) return noExtent;
      const found = takeUnused(room) ?? returned.take(room);
      if (found) return found;
      joined([...unused.takeAll(), ...returned.takeAll()]).forEach(unused.put);
      return takeUnused(room);
    },
    free(extent) {
      if (extent.room > 0) returned.put(extent);
    },
    copy: () => extentsOf(limit, unused.copy(), returned.copy()),
  };
}

/** Extents by their room; of one room, the one that came first goes first. */
type Blocks = {
  put(extent: Extent): void;
  take(room: number): Extent | undefined;
  takeAll(): readonly Extent[];
  copy(): Blocks;
};

function createBlocks(queues = new Map<number, Queue<Extent>>()): Blocks {
  return {
    put(extent: Extent): void {
      const queue = queues.get(extent.room) ?? createQueue<Extent>();
      queue.put(extent);
      queues.set(extent.room, queue);
    },
    take: (room: number): Extent | undefined => queues.get(room)?.take(),
    takeAll: (): readonly Extent[] => [...queues.values()].flatMap((queue) => queue.takeAll()),
    copy: () => createBlocks(new Map([...queues].map(([room, queue]) => [room, queue.copy()]))),
  };
}

/** What lies between the occupied extents, in blocks as large as their places allow. */
function unusedBlocks(limit: number, occupied: readonly Extent[]): readonly Extent[] {
  const blocks: Extent[] = [];
  let at = 0;
  const fillTo = (end: number): void => {
    while (at < end) {
      const aligned = at === 0 ? limit : at & -at;
      const room = Math.min(aligned, 2 ** Math.floor(Math.log2(end - at)));
      blocks.push({ first: at, room });
      at += room;
    }
  };
  for (const { first, room } of [...occupied].sort((a, b) => a.first - b.first)) {
    fillTo(first);
    at = Math.max(at, first + room);
  }
  fillTo(limit);
  return blocks;
}

/** Free blocks, with both halves of a larger one joined to it, again and again. */
function joined(blocks: readonly Extent[]): readonly Extent[] {
  const stack: Extent[] = [];
  for (const block of [...blocks].sort((a, b) => a.first - b.first)) {
    let whole = block;
    for (let last = stack.at(-1); last && areHalves(last, whole); last = stack.at(-1)) {
      stack.pop();
      whole = { first: last.first, room: last.room * 2 };
    }
    stack.push(whole);
  }
  return stack;
}

function areHalves(low: Extent, high: Extent): boolean {
  return low.room === high.room && low.first + low.room === high.first && low.first % (low.room * 2) === 0;
}
