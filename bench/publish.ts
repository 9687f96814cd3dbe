/** What docs/ shows of the benchmark: the figures of each part's last published run, as data, table and chart. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chartOf } from './chart.ts';
import { type Figure, isMet, type PartFigure, type Ratio } from './figure.ts';
import type { Machine } from './machine.ts';
import { limitOf, spread, spreadIn } from './report.ts';

/** Of one run. */
export type Results = {
  readonly date: string;
  readonly machine: Machine;
  readonly figures: readonly PartFigure[];
};

/** By the part's name. */
export type Published = Readonly<Record<string, Results>>;

const pathOf = (name: string): string => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const paths = {
  data: pathOf('benchmarks.json'),
  chart: pathOf('benchmarks.svg'),
  page: pathOf('benchmarks.md'),
};
const marks = {
  begin: '<!-- figures: npm run bench -- --publish -->',
  end: '<!-- end of figures -->',
} as const;

/** Puts a run's parts in the place of their earlier ones. `order`: of all parts there are. Answers the files written. */
export function publish(results: Results, order: readonly string[]): readonly string[] {
  const before: Published = existsSync(paths.data) ? JSON.parse(readFileSync(paths.data, 'utf8')) : {};
  const all = withRun(before, results, order);
  writeFileSync(paths.data, `${JSON.stringify(all, null, 1)}\n`);
  writeFileSync(paths.chart, chartOf(Object.values(all).flatMap(({ figures }) => figures)));
  writeFileSync(paths.page, pageWith(readFileSync(paths.page, 'utf8'), all));
  return Object.values(paths);
}

export function withRun(
  before: Published,
  { figures, ...run }: Results,
  order: readonly string[],
): Published {
  return Object.fromEntries(
    order.flatMap((part) => {
      const measured = figures.filter((figure) => figure.part === part);
      const results = measured.length > 0 ? { ...run, figures: measured } : before[part];
      return results ? [[part, results]] : [];
    }),
  );
}

/** The page with these figures between its marks. Throws RangeError when it has none. */
export function pageWith(page: string, all: Published): string {
  const [begin, end] = [page.indexOf(marks.begin), page.indexOf(marks.end)];
  if (begin < 0 || end < begin) throw new RangeError(`docs/benchmarks.md has no ${marks.begin}`);
  const tables = Object.entries(all).map(([part, results]) => tableOf(part, results));
  return `${page.slice(0, begin)}${marks.begin}\n\n${tables.join('\n')}\n${page.slice(end)}`;
}

function tableOf(part: string, { date, machine, figures }: Results): string {
  return [
    `### ${part}`,
    '',
    `${date.slice(0, 10)}, ${machine.kernel}, ${machine.cpus} × ${machine.cpu}, ${machine.memory} GiB.`,
    '',
    '| case | median (half of all turns) | ratio | to | asked | |',
    '| --- | ---: | ---: | --- | --- | --- |',
    ...figures.flatMap(rowsOf),
    '',
  ].join('\n');
}

function rowsOf({ name, value, unit, ratios }: Figure): readonly string[] {
  const head = [name, spreadIn(value, unit)];
  if (ratios.length === 0) return [row([...head, '', '', '', ''])];
  return ratios.map((ratio, index) => row([...(index === 0 ? head : ['', '']), ...cellsOf(ratio)]));
}

function cellsOf(ratio: Ratio): readonly string[] {
  const verdict = { true: 'met', false: '**missed**', undefined: '' } as const;
  return [
    spread(ratio.value, (value) => value.toFixed(2)),
    ratio.to,
    limitOf(ratio) ?? '',
    verdict[`${isMet(ratio)}`],
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
