import { expect, test } from 'vitest';
import type { PartFigure } from './figure.ts';
import { pageWith, type Results, withRun } from './publish.ts';

const machine = { kernel: 'Linux 6.18', cpu: 'a CPU', cpus: 2, memory: 24 };
const figure = (part: string, median: number): PartFigure => ({
  part,
  name: `${part} figure`,
  value: { median, low: median, high: median },
  unit: 'ns',
  ratios: [
    { to: 'floor', value: { median, low: median, high: median }, atMost: 2 },
    { to: 'ceiling', value: { median: 1, low: 0.5, high: 1.5 } },
  ],
});
const run = (date: string, ...figures: readonly PartFigure[]): Results => ({ date, machine, figures });
const order = ['live', 'churn', 'ipvs'];

test('a run replaces the parts that it measured, and keeps the others with their own dates', () => {
  const first = withRun({}, run('2026-01-01', figure('churn', 1), figure('live', 1)), order);
  const second = withRun(first, run('2026-02-02', figure('churn', 9)), order);
  expect(
    Object.entries(second).map(([part, { date, figures }]) => [part, date, figures[0]?.value.median]),
  ).toEqual([
    ['live', '2026-01-01', 1],
    ['churn', '2026-02-02', 9],
  ]);
});

test('the page keeps its words around the figures, and says what is missed', () => {
  const page =
    'Before.\n<!-- figures: npm run bench -- --publish -->\nold\n<!-- end of figures -->\nBehind.\n';
  const said = pageWith(page, withRun({}, run('2026-01-01T10:00:00Z', figure('live', 3)), order));
  expect(said).toMatch(/^Before\.\n<!-- figures/);
  expect(said).toMatch(/<!-- end of figures -->\nBehind\.\n$/);
  expect(said).toContain('2026-01-01, Linux 6.18, 2 × a CPU, 24 GiB.');
  expect(said).toContain('| live figure | 3.00 ns | 3.00 | floor | at most 2 | **missed** |');
  expect(said).toContain('|  |  | 1.00 (0.50 .. 1.50) | ceiling |  |  |');
  expect(said).not.toContain('old');
  expect(pageWith(said, {})).not.toContain('live figure');
});

test('a page without a place for figures is left alone', () => {
  expect(() => pageWith('Nothing.\n', {})).toThrow(RangeError);
});
