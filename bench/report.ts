/** The table that people read. Pure. */

import type { Measured } from './per-packet/measure.ts';
import type { Spread } from './statistics.ts';

const [nameWidth, timeWidth, ratioWidth] = [40, 26, 26];

export const heading: string = `${[
  'case'.padEnd(nameWidth),
  'ns of a packet'.padStart(timeWidth),
  'times the floor'.padStart(ratioWidth),
  'at most',
].join(' ')}\n`;

/** A line of the table. */
export function row({ name, nanoseconds, ratio, atMost }: Measured): string {
  const figures = [spread(nanoseconds, 0).padStart(timeWidth), spread(ratio, 2).padStart(ratioWidth)];
  return `${[name.padEnd(nameWidth), ...figures, atMost ?? ''].join(' ').trimEnd()}\n`;
}

function spread({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)} .. ${high.toFixed(digits)})`;
}
