import { expect, it } from 'vitest';
import { hasBegun, hasEnded, nextGeneration } from './generation.ts';

it('generations count up and come round without 0, which means always', () => {
  expect([1, 0x7fffffff, 0xfffffffe, 0xffffffff].map(nextGeneration)).toEqual([2, 0x80000000, 0xffffffff, 1]);
});

it('what begins with the next generation has not begun, wherever the numbers come round', () => {
  for (const generation of [1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const next = nextGeneration(generation);
    expect([hasBegun(0, generation), hasBegun(generation, generation), hasBegun(next, generation)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([hasEnded(0, generation), hasEnded(generation, generation), hasEnded(next, generation)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([hasBegun(generation, next), hasEnded(generation, next)]).toEqual([true, true]);
  }
});
