import { expect, test } from 'vitest';
import { benchParts } from '../src/cli/bench-parts.ts';
import { help, parseOptions } from './options.ts';
import type { Part } from './part.ts';

const part = (name: Part['name']): Part => ({
  name,
  rounds: [9, 2],
  measure: () => Promise.resolve(),
});
const parts = (['per-packet', 'live', 'ipvs'] as const).map(part);
const named = (words: readonly string[]) => parseOptions(words, parts).parts.map(({ name }) => name);

test('all parts run but the last, which has to be named', () => {
  expect(named([])).toEqual(['per-packet', 'live']);
  expect(named(['ipvs'])).toEqual(['ipvs']);
});

test('named parts run once, in their own order', () => {
  expect(named(['live', 'per-packet', 'live'])).toEqual(['per-packet', 'live']);
});

test('wrong words say what would be right', () => {
  expect(() => parseOptions(['three'], parts)).toThrow('no part "three": there are per-packet, live, ipvs');
  expect(() => parseOptions(['--rounds', '0'], parts)).toThrow('--rounds takes a whole number from 1 on');
  expect(() => parseOptions(['--rounds', 'x'], parts)).toThrow('not "x"');
  expect(() => parseOptions(['--fast'], parts)).toThrow("Unknown option '--fast'");
});

test('the help has a line for each part', () => {
  for (const [name, about] of Object.entries(benchParts))
    expect(help).toMatch(new RegExp(`^ {2}${name} +${about}$`, 'm'));
});
