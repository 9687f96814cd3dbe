import { describe, expect, test } from 'vitest';
import { frameOf } from '../../support/frame/build.ts';
import { emptyBook, turned } from '../book.ts';
import { features, parseFeatures } from '../features.ts';
import type { Step } from '../step.ts';
import { generateCase } from './steps.ts';

const everything = { packets: 300, features: parseFeatures('all') };
const cases = Array.from({ length: 60 }, (_, seed) => generateCase(String(seed), everything));
const steps = cases.flatMap((each) => each.steps);

test('the same seed gives the same case, and another seed another one', () => {
  expect(generateCase('5', everything)).toEqual(cases[5]);
  expect(generateCase('6', everything)).not.toEqual(cases[5]);
});

test('every step makes sense where it stands', () => {
  for (const each of cases) {
    let book = emptyBook;
    for (const step of each.steps) {
      const next = turned(book, step);
      if (!next) throw new Error(`${each.name}: ${JSON.stringify(step)}`);
      book = next;
    }
  }
});

test('a case survives being written down', () => {
  for (const each of cases) expect(JSON.parse(JSON.stringify(each))).toEqual(each);
});

test('every packet can be built', () => {
  for (const step of steps) if (step.do === 'packet' || step.do === 'leave') frameOf(step.packet);
});

describe('there is some of everything', () => {
  const kinds: readonly Step['do'][] = [
    ...(['packet', 'leave', 'wait', 'add-service', 'edit-service', 'remove-service', 'remove-all'] as const),
    ...(['add-server', 'edit-server', 'remove-server', 'zero', 'sysctl', 'timeouts', 'marks'] as const),
    ...(['defend', 'purge'] as const),
  ];
  test.for(kinds)('%s', (kind) => {
    expect(steps.some((step) => step.do === kind)).toBe(true);
  });
});

test('features are named, or left out with no-', () => {
  expect(parseFeatures('all')).toEqual(new Set(features));
  expect(parseFeatures('masq,ipv6')).toEqual(new Set(['ipv6', 'masq']));
  expect(parseFeatures('no-masq').has('masq')).toBe(false);
  expect(parseFeatures('no-masq').has('ipv6')).toBe(true);
  expect(() => parseFeatures('magic')).toThrow('no feature magic');
});

test('without features there is TCP and UDP over IPv4 by direct routing, and nothing else', () => {
  const plain = generateCase('1', { packets: 500, features: new Set() });
  for (const step of plain.steps) {
    if (step.do === 'packet') expect(step.packet.from).not.toMatch(/\[/);
    if (step.do === 'add-server') expect(step.server.method).toBe('gate');
  }
});
