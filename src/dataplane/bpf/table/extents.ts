/**
 * Extents of an array map: runs of elements, as large as a power of 2 and aligned to it.
 *
 * What was never used is given out first, then what was freed longest ago: a CPU may still be walking an extent
 * that has just been given up. Only when neither has the size are freed neighbours joined (a buddy allocator).
 */

export type Extent = {
  readonly first: number;
  /** 0, or a power of 2. */
  readonly room: number;
};

export type Extents = {
  /** Room for so many elements, or `undefined` when there is none. */
  take(count: number): Extent | undefined;
  free(extent: Extent): void;
};

export const noExtent: Extent = { first: 0, room: 0 };

/** The room that so many elements take. */
export function roomFor(count: number): number {
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}

/** `limit` is a power of 2. `occupied` are those found in use. */
export function createExtents(limit: number, occupied: readonly Extent[] = []): Extents {
  let unused = unusedBlocks(limit, occupied);
  let returned: Extent[] = [];

  const takeUnused = (room: number): Extent | undefined => {
    let best: Extent | undefined;
    for (const block of unused) if (block.room >= room && block.room < (best?.room ?? Infinity)) best = block;
    if (!best) return undefined;
    unused.delete(best);
    for (let half = best.room / 2; half >= room; half /= 2)
      unused.add({ first: best.first + half, room: half });
    return { first: best.first, room };
  };
  const takeReturned = (room: number): Extent | undefined => {
    const index = returned.findIndex((extent) => extent.room === room);
    return index < 0 ? undefined : returned.splice(index, 1)[0];
  };
  const joinAll = (): void => {
    unused = joined([...unused, ...returned]);
    returned = [];
  };

  return {
    take(count) {
      const room = roomFor(count);
      if (room === 0) return noExtent;
      const found = takeUnused(room) ?? takeReturned(room);
      if (found) return found;
      joinAll();
      return takeUnused(room);
    },
    free(extent) {
      if (extent.room > 0) returned.push(extent);
    },
  };
}

/** What lies between the occupied extents, in blocks as large as their places allow. */
function unusedBlocks(limit: number, occupied: readonly Extent[]): Set<Extent> {
  const blocks = new Set<Extent>();
  let at = 0;
  const fillTo = (end: number): void => {
    while (at < end) {
      const aligned = at === 0 ? limit : at & -at;
      const room = Math.min(aligned, 2 ** Math.floor(Math.log2(end - at)));
      blocks.add({ first: at, room });
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
function joined(blocks: readonly Extent[]): Set<Extent> {
  const stack: Extent[] = [];
  for (const block of [...blocks].sort((a, b) => a.first - b.first)) {
    let whole = block;
    for (let last = stack.at(-1); last && areHalves(last, whole); last = stack.at(-1)) {
      stack.pop();
      whole = { first: last.first, room: last.room * 2 };
    }
    stack.push(whole);
  }
  return new Set(stack);
}

function areHalves(low: Extent, high: Extent): boolean {
  return low.room === high.room && low.first + low.room === high.first && low.first % (low.room * 2) === 0;
}
