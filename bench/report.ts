/** The table that people read. Pure. */

import { type Figure, isMet, type Ratio, type Unit } from './figure.ts';
import type { Spread } from './statistics.ts';

const [nameWidth, valueWidth, ratioWidth] = [42, 30, 26];

export function partHeading(part: string, about: string): string {
  return `\n${part}: ${about}\n${[
    'case'.padEnd(nameWidth),
    'median (half of all turns)'.padStart(valueWidth),
    'ratio'.padStart(ratioWidth),
    'to',
  ].join(' ')}\n`;
}

/** The line of a figure; a line more for each further ratio. */
export function rowOf({ name, value, unit, ratios }: Figure): string {
  const head = [name.padEnd(nameWidth), spreadIn(value, unit).padStart(valueWidth)].join(' ');
  const rest = ' '.repeat(nameWidth + 1 + valueWidth);
  const cells = ratios.length === 0 ? [''] : ratios.map(ratioCell);
  return cells
    .map((cell, index) => `${index === 0 ? head : rest} ${cell}`.trimEnd())
    .join('\n')
    .concat('\n');
}

function ratioCell(ratio: Ratio): string {
  const cell = `${spread(ratio.value, (value) => value.toFixed(2)).padStart(ratioWidth)} ${ratio.to}`;
  const limit = limitOf(ratio);
  if (limit === undefined) return cell;
  return `${cell}, ${limit}: ${isMet(ratio) ? 'met' : 'MISSED'}`;
}

/** `at most 2.6`; undefined where nothing is asked. */
export function limitOf({ atMost, atLeast }: Ratio): string | undefined {
  const words = [
    ...(atLeast === undefined ? [] : [`at least ${rounded(atLeast)}`]),
    ...(atMost === undefined ? [] : [`at most ${rounded(atMost)}`]),
  ];
  return words.length === 0 ? undefined : words.join(' and ');
}

const rounded = (value: number): string => String(Number(value.toFixed(3)));

export function spread({ median, low, high }: Spread, text: (value: number) => string): string {
  return low === high ? text(median) : `${text(median)} (${text(low)} .. ${text(high)})`;
}

/** With its unit, and a prefix that leaves at most four digits. */
export function spreadIn(value: Spread, unit: Unit): string {
  const { factor, name, digits } = scaleOf(value.median, unit);
  return `${spread(value, (number) => (number / factor).toFixed(digits))} ${name}`;
}

function scaleOf(value: number, unit: Unit): { factor: number; name: string; digits: number } {
  const isOctets = unit === 'B' || unit === 'B/s';
  const steps = isOctets ? octetSteps : unit === '/s' || isCount(unit) ? countSteps : [];
  const [, factor, prefix] = steps.find(([least]) => Math.abs(value) >= least) ?? [0, 1, ''];
  const shown = Math.abs(value / factor);
  const isWhole = isCount(unit) && factor === 1;
  return {
    factor,
    name: `${prefix}${unit}`,
    digits: isWhole || shown >= 100 ? 0 : shown >= 10 ? 1 : shown >= 1 ? 2 : 3,
  };
}

type Step = readonly [least: number, factor: number, prefix: string];
const octetSteps: readonly Step[] = [
  [2 ** 30, 2 ** 30, 'Gi'],
  [2 ** 20, 2 ** 20, 'Mi'],
  [10 * 2 ** 10, 2 ** 10, 'Ki'],
];
const countSteps: readonly Step[] = [
  [1e6, 1e6, 'M '],
  [1e4, 1000, 'k '],
];

function isCount(unit: Unit): boolean {
  return unit === 'packets' || unit === 'connections';
}
