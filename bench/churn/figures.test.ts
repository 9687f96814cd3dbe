import { expect, test } from 'vitest';
import { isMet } from '../figure.ts';
import { figuresOf, type Round } from './figures.ts';

const round = (slower: number, lost = 0, nowhere = 0): Round => ({
  alone: { nanoseconds: 200, lost: 0, nowhere: 0 },
  beside: { nanoseconds: 200 * slower, lost, nowhere },
  flooded: { frames: 3_000_000, seconds: 2 },
});
const verdicts = (rounds: readonly Round[]) =>
  figuresOf(1024, rounds).flatMap(({ name, ratios }) => ratios.map((ratio) => [name, isMet(ratio)]));

test('a flood may take a tenth of the rate, and no packet', () => {
  expect(verdicts([round(1.1), round(1.1)])).toEqual([
    ['SYN flood on 1024 established flows: flooded', true],
    ['lost of 1024 established flows', true],
    ['lost of 1024 established flows, and counted nowhere', true],
  ]);
});

test('one packet lost in one round is too many, and so is a fifth of the rate', () => {
  expect(verdicts([round(1.25), round(1.25, 1)])).toEqual([
    ['SYN flood on 1024 established flows: flooded', false],
    ['lost of 1024 established flows', false],
    ['lost of 1024 established flows, and counted nowhere', true],
  ]);
  expect(verdicts([round(1), round(1, 1, 1)]).slice(1)).toEqual([
    ['lost of 1024 established flows', false],
    ['lost of 1024 established flows, and counted nowhere', false],
  ]);
});

test('the flood is said as SYNs a second', () => {
  const syns = figuresOf(1024, [round(1)]).find(({ name }) => name.endsWith('SYNs'));
  expect(syns?.value.median).toBe(1_500_000);
});
