/** Which figures the chart shows, and beside which others. Pure. */

import type { PartFigure, Unit } from './figure.ts';
import { limitOf, spread, spreadIn } from './report.ts';
import type { Spread } from './statistics.ts';

/** Bars that can be compared with one another. */
export type Panel = {
  readonly title: string;
  /** What is better. */
  readonly better: 'more' | 'less';
  readonly bars: readonly Bar[];
};

export type Bar = {
  readonly label: string;
  readonly value: Spread;
  /** The value as people read it. */
  readonly text: string;
  /** Fairlead's own. */
  readonly isOurs: boolean;
  /** Where it should end at the latest. */
  readonly limit?: number;
};

export function panelsOf(figures: readonly PartFigure[]): readonly Panel[] {
  const panels = [floors(figures), ...grouped(figures)];
  return panels.filter(({ bars }) => bars.length > 1);
}

/** Of packets by themselves, the ratio to the floor, where one is asked for. */
function floors(figures: readonly PartFigure[]): Panel {
  const bars = figures
    .filter(({ part }) => part === 'per-packet')
    .flatMap(({ name, ratios }) => {
      const [ratio] = ratios;
      if (ratio?.atMost === undefined) return [];
      const text = `${spread(ratio.value, (value) => value.toFixed(1))} (${limitOf(ratio)})`;
      return [{ label: name, value: ratio.value, text, isOurs: true, limit: ratio.atMost }];
    });
  return { title: 'one packet, times a swap of MACs', better: 'less', bars };
}

/** A profile's rows are parts of a whole, and nobody's rivals. */
const notGrouped = ['per-packet', 'profile'];

/** Figures of the same load or set-up, `LOAD: WHO` or `LOAD: WHO, WHAT`, side by side where they say the same. */
function grouped(figures: readonly PartFigure[]): readonly Panel[] {
  const groups = new Map<string, { readonly unit: Unit; readonly bars: Bar[] }>();
  for (const { part, name, value, unit } of figures) {
    const [, load, who, what] = /^(.*?): ([^,]+)(?:, (.*))?$/.exec(name) ?? [];
    if (notGrouped.includes(part) || load === undefined || who === undefined) continue;
    const title = `${load}${what === undefined ? '' : `, ${what}`}`;
    const group = groups.get(title) ?? { unit, bars: [] };
    group.bars.push({ label: who, value, text: spreadIn(value, unit), isOurs: who.startsWith('Fairlead') });
    groups.set(title, group);
  }
  return [...groups].map(([title, { unit, bars }]) => ({
    title,
    better: unit === '/s' || unit === 'B/s' ? ('more' as const) : ('less' as const),
    bars,
  }));
}
