import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExtents, type Extent, noExtent, roomFor } from './extents.ts';

describe('extents', () => {
  it('have room for a power of 2, and none for nothing', () => {
    expect([0, 1, 2, 3, 4, 5, 1000].map(roomFor)).toEqual([0, 1, 2, 4, 4, 8, 1024]);
    expect(createExtents(16).take(0)).toEqual(noExtent);
  });

  it('are aligned to their size', () => {
    const extents = createExtents(16);
    expect([1, 3, 2, 5].map((count) => extents.take(count))).toEqual([
      { first: 0, room: 1 },
      { first: 4, room: 4 },
      { first: 2, room: 2 },
      { first: 8, room: 8 },
    ]);
  });

  it('that were freed are given out again only when nothing unused is left, the longest free first', () => {
    const extents = createExtents(4);
    const [a, b] = [extents.take(1), extents.take(1)];
    if (!a || !b) throw new Error('no room');
    extents.free(b);
    extents.free(a);
    expect([1, 1, 1, 1].map(() => extents.take(1)?.first)).toEqual([2, 3, b.first, a.first]);
    expect(extents.take(1)).toBeUndefined();
  });

  it('are joined where a larger one is wanted', () => {
    const extents = createExtents(8);
    const all = Array.from({ length: 8 }, () => extents.take(1) ?? noExtent);
    for (const extent of all.slice(2)) extents.free(extent);
    expect(extents.take(4)).toEqual({ first: 4, room: 4 });
    expect(extents.take(4)).toBeUndefined();
    expect(extents.take(2)).toEqual({ first: 2, room: 2 });
  });

  it('that were found in use are left alone', () => {
    const extents = createExtents(16, [
      { first: 8, room: 2 },
      { first: 2, room: 1 },
    ]);
    expect(extents.take(8)).toBeUndefined();
    expect(extents.take(4)?.first).toBe(4);
    expect(extents.take(4)?.first).toBe(12);
    expect(extents.take(2)?.first).toBe(0);
    expect(extents.take(1)?.first).toBe(3);
  });

  it('never overlap, and all room comes back, in any order of events', () => {
    const event = fc.oneof(
      fc.integer({ min: 1, max: 9 }).map((take) => ({ take })),
      fc.nat(8).map((free) => ({ free })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const extents = createExtents(32);
        const held: Extent[] = [];
        for (const what of events) {
          if ('take' in what) {
            const extent = extents.take(what.take);
            if (!extent) continue;
            expect(extent.first % extent.room).toBe(0);
            expect(extent.first + extent.room).toBeLessThanOrEqual(32);
            for (const other of held) {
              const apart =
                other.first + other.room <= extent.first || extent.first + extent.room <= other.first;
              expect(apart).toBe(true);
            }
            held.push(extent);
          } else held.splice(what.free, 1).forEach(extents.free);
        }
        held.forEach(extents.free);
        expect(extents.take(32)).toEqual({ first: 0, room: 32 });
      }),
    );
  });
});
