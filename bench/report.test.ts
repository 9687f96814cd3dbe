import { expect, test } from 'vitest';
import type { Figure } from './figure.ts';
import { rowOf, spreadIn } from './report.ts';

const spread = (median: number) => ({ median, low: median * 0.9, high: median * 1.1 });

test('a row has the figure, and a line for each ratio with what is asked of it', () => {
  const figure: Figure = {
    name: 'keep-alive: Fairlead',
    value: spread(20_000),
    unit: '/s',
    ratios: [
      { to: 'ceiling', value: spread(0.97), atLeast: 0.95 },
      { to: 'direct', value: spread(0.9) },
    ],
  };
  const [first, second, end] = rowOf(figure).split('\n');
  expect(first).toMatch(
    /^keep-alive: Fairlead +20\.0 \(18\.0 \.\. 22\.0\) k \/s +0\.97 \(0\.87 \.\. 1\.07\) ceiling, at least 0\.95: met$/,
  );
  expect(second).toMatch(/^ +0\.90 \(0\.81 \.\. 0\.99\) direct$/);
  expect(end).toBe('');
});

test('a target that is missed says so', () => {
  const ratios = [{ to: 'floor', value: spread(2.7), atMost: 2.6 }];
  expect(rowOf({ name: 'a', value: spread(70), unit: 'ns', ratios })).toContain('at most 2.6: MISSED');
});

test('less than nothing is at most something', () => {
  const ratios = [{ to: 'HAProxy, added', value: spread(-0.1), atMost: 1 / 3 }];
  expect(rowOf({ name: 'a', value: spread(70), unit: 'µs', ratios })).toContain('at most 0.333: met');
});

test('a figure without ratios is a line of its own', () => {
  expect(rowOf({ name: 'a', value: spread(5), unit: 'ms', ratios: [] })).toMatch(
    /^a +5\.00 \(4\.50 \.\. 5\.50\) ms\n$/,
  );
});

test('units get prefixes, and a single measurement no spread', () => {
  const alone = (value: number) => ({ median: value, low: value, high: value });
  expect(spreadIn(alone(3 * 2 ** 30), 'B/s')).toBe('3.00 GiB/s');
  expect(spreadIn(alone(128), 'B')).toBe('128 B');
  expect(spreadIn(alone(10_000_000), 'packets')).toBe('10.0 M packets');
  expect(spreadIn(alone(0), 'packets')).toBe('0 packets');
});
