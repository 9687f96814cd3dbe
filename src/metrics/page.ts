/** The table of metrics as documentation: docs/metrics.md has it, and `fairlead metrics --list` prints it. */

import { groups, type Metric } from './metric.ts';

/** Markdown, a table for each group that has metrics. */
export function metricsList(metrics: readonly Metric[]): string {
  return groups
    .map((group) => ({ group, rows: metrics.filter((metric) => metric.group === group) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ group, rows }) => `### ${group}\n\n${table(rows.map(cellsOf))}\n`)
    .join('\n');
}

function cellsOf({ name, type, unit, labels, help }: Metric): readonly string[] {
  return [name, type, unit, labels.join(', '), help.replaceAll('|', '\\|')];
}

function table(rows: readonly (readonly string[])[]): string {
  const titles = ['metric', 'type', 'unit', 'labels', 'what it is'];
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(titles), rule, ...rows.map(line)].join('\n');
}
