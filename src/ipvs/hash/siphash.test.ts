import fc from 'fast-check';
import { expect, it } from 'vitest';
import { siphash13 } from './siphash.ts';

it('answers 32 bits without a sign', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.bigInt(0n, 0xffffffffn), (value, key) => {
      const hash = siphash13(value, key);
      expect(hash >>> 0).toBe(hash);
    }),
  );
});

it('takes a number by its lower 32 bits', () => {
  expect(siphash13(0x1_0000_0005, 7n)).toBe(siphash13(5, 7n));
  expect(siphash13(-1, 7n)).toBe(siphash13(0xffffffff, 7n));
});

it('depends on the key', () => {
  expect(siphash13(1, 2654435761n)).not.toBe(siphash13(1, 2654446892n));
});
