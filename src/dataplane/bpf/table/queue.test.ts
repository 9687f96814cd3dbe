import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createQueue } from './queue.ts';

it('a queue gives back what it was given, in the same order', () => {
  const event = fc.oneof(fc.nat(9), fc.constant('take' as const), fc.constant('take all' as const));
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const queue = createQueue<number>();
      const wanted: number[] = [];
      for (const what of events) {
        if (what === 'take') expect(queue.take()).toBe(wanted.shift());
        else if (what === 'take all') expect(queue.takeAll()).toEqual(wanted.splice(0));
        else {
          queue.put(what);
          wanted.push(what);
        }
        expect(queue.length()).toBe(wanted.length);
      }
    }),
  );
});
