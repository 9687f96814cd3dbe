import { expect, test } from 'vitest';
import { chartOf } from './chart.ts';
import type { PartFigure } from './figure.ts';
import { panelsOf } from './panels.ts';

const spread = (median: number) => ({ median, low: median * 0.9, high: median * 1.1 });
const figure = (name: string, median: number, unit: PartFigure['unit'] = '/s'): PartFigure => ({
  part: 'end-to-end',
  name,
  value: spread(median),
  unit,
  ratios: [],
});

const figures = [
  figure('keep-alive: direct', 100),
  figure('keep-alive: direct, p99', 3, 'ms'),
  figure('keep-alive: Fairlead', 90),
  figure('keep-alive: Fairlead, p99', 4, 'ms'),
  figure('download: Fairlead <1>', 5, 'B/s'),
];

test('what was measured alike stands in one panel, and what stands alone in none', () => {
  expect(panelsOf(figures).map(({ title, better, bars }) => [title, better, bars.length])).toEqual([
    ['keep-alive', 'more', 2],
    ['keep-alive, p99', 'less', 2],
  ]);
});

test('of single packets those are shown of which something is asked', () => {
  const packet = (name: string, atMost?: number): PartFigure => ({
    ...{ part: 'per-packet', name, value: spread(50), unit: 'ns' },
    ratios: [{ to: 'floor', value: spread(2), ...(atMost !== undefined && { atMost }) }],
  });
  const [panel] = panelsOf([packet('a', 2.6), packet('b'), packet('c', 4.5)]);
  expect(panel?.bars.map(({ label, value, limit }) => [label, value.median, limit])).toEqual([
    ['a', 2, 2.6],
    ['c', 2, 4.5],
  ]);
});

test('rows of a profile are in no panel', () => {
  const row = (name: string): PartFigure => ({ ...figure(name, 5, 'ns'), part: 'profile' });
  expect(panelsOf([row('established: one (a.h)'), row('established: other (a.h)')])).toEqual([]);
});

test('bars are as long as what they stand for', () => {
  const widths = [...chartOf(figures).matchAll(/class="bar[^"]*" [^>]*width="([\d.]+)"/g)].map((each) =>
    Number(each[1]),
  );
  expect(widths[1]).toBeCloseTo((widths[0] ?? 0) * 0.9, 0);
});

test('names are written as text', () => {
  const svg = chartOf([...figures, figure('download: a & b', 5, 'B/s')]);
  expect(svg).toContain('Fairlead &lt;1&gt;');
  expect(svg).toContain('a &amp; b');
});
