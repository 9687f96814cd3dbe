import { expect, test } from 'vitest';
import { helpOf, parseOptions } from './options.ts';
import type { Part } from './part.ts';

const part = (name: string): Part => ({
  name,
  about: `what ${name} is`,
  rounds: [9, 2],
  measure: () => Promise.resolve(),
});
const parts = ['one', 'two', 'guest'].map(part);
const named = (words: readonly string[]) => parseOptions(words, parts).parts.map(({ name }) => name);

test('all parts run but the last, which has to be named', () => {
  expect(named([])).toEqual(['one', 'two']);
  expect(named(['guest'])).toEqual(['guest']);
});

test('named parts run once, in their own order', () => {
  expect(named(['two', 'one', 'two'])).toEqual(['one', 'two']);
});

test('wrong words say what would be right', () => {
  expect(() => parseOptions(['three'], parts)).toThrow('no part "three": there are one, two, guest');
  expect(() => parseOptions(['--rounds', '0'], parts)).toThrow('--rounds takes a whole number from 1 on');
  expect(() => parseOptions(['--rounds', 'x'], parts)).toThrow('not "x"');
  expect(() => parseOptions(['--fast'], parts)).toThrow("Unknown option '--fast'");
});

test('the help has a line for each part', () => {
  for (const { name, about } of parts)
    expect(helpOf(parts)).toMatch(new RegExp(`^ {2}${name} +${about}$`, 'm'));
});
