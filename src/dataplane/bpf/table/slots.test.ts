import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.ts';

describe('slots', () => {
  it('begin with 1, since 0 ends a list', () => {
    const slots = createSlots(4);
    expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([1, 2, 3, undefined]);
  });

  it('are given out again only when no fresh one is left, the longest free first', () => {
    const slots = createSlots(5);
    slots.take();
    slots.take();
    slots.take();
    slots.free(2);
    slots.free(1);
    expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([4, 2, 1, undefined]);
  });

  it('that were found in use are not given out, and those between them only after fresh ones', () => {
    const slots = createSlots(7, [4, 1]);
    expect(slots.hasRoom()).toBe(true);
    expect([1, 2, 3, 4, 5].map(() => slots.take())).toEqual([5, 6, 2, 3, undefined]);
    expect(slots.hasRoom()).toBe(false);
  });

  it('that were found in use and freed are given out once', () => {
    const slots = createSlots(4, [2]);
    slots.free(2);
    expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([3, 1, 2, undefined]);
  });

  it('freed twice, or never taken, are free once', () => {
    const slots = createSlots(3);
    slots.take();
    slots.free(1);
    slots.free(1);
    slots.free(2);
    expect([slots.take(), slots.take(), slots.take()]).toEqual([2, 1, undefined]);
  });

  it('are never given to two at once, in any order of events', () => {
    const event = fc.oneof(
      fc.constant('take' as const),
      fc.nat(8).map((index) => ({ free: index })),
    );
    const found = fc.uniqueArray(fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(found, fc.array(event, { maxLength: 60 }), (occupied, events) => {
        const slots = createSlots(10, occupied);
        const used = new Set(occupied);
        for (const what of events) {
          if (what === 'take') {
            const slot = slots.take();
            if (slot === undefined) expect(used.size).toBe(9);
            else {
              expect(used).not.toContain(slot);
              used.add(slot);
            }
          } else {
            const slot = [...used][what.free];
            if (slot === undefined) continue;
            slots.free(slot);
            used.delete(slot);
          }
        }
      }),
    );
  });
});
