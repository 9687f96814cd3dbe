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

  it('that were found in use are not given out', () => {
    const slots = createSlots(6);
    slots.occupy(1);
    slots.occupy(4);
    expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([2, 3, 5, undefined]);
  });

  it('that were found in use and freed before their turn are given out once', () => {
    const slots = createSlots(4);
    slots.occupy(2);
    slots.free(2);
    expect([slots.take(), slots.take(), slots.take(), slots.take()]).toEqual([1, 2, 3, undefined]);
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
      fc.integer({ min: 1, max: 9 }).map((slot) => ({ occupy: slot })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const slots = createSlots(10);
        const used = new Set<number>();
        for (const what of events) {
          if (what === 'take') {
            const slot = slots.take();
            if (slot === undefined) expect(used.size).toBe(9);
            else {
              expect(used).not.toContain(slot);
              used.add(slot);
            }
          } else if ('occupy' in what) {
            slots.occupy(what.occupy);
            used.add(what.occupy);
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
