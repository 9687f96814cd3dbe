/** The chart of docs/benchmarks.md: panels of bars, medians with what half of all turns lie between. Pure: SVG as text. */

import type { PartFigure } from './figure.ts';
import { type Bar, type Panel, panelsOf } from './panels.ts';

const width = 960;
const columns = 2;
const columnWidth = width / columns;
const margin = 16;
const labelWidth = 150;
const textWidth = 150;
const barHeight = 14;
const rowHeight = 20;
const titleHeight = 28;
const panelGap = 14;
const barRoom = columnWidth - 2 * margin - labelWidth - textWidth;

const style = `text{font:11px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:12px}.note{fill:#777}
.bar{fill:#a9b4c2}.ours{fill:#1f6feb}.spread{stroke:#111;stroke-width:1.2}.limit{stroke:#c62828;stroke-width:1.5;stroke-dasharray:3 2}`;

export function chartOf(figures: readonly PartFigure[]): string {
  const heights: number[] = Array.from({ length: columns }, () => margin);
  const placed = panelsOf(figures).map((panel) => {
    const column = heights.indexOf(Math.min(...heights));
    const top = heights[column] ?? margin;
    heights[column] = top + titleHeight + panel.bars.length * rowHeight + panelGap;
    return panelAt(panel, column * columnWidth + margin, top);
  });
  const height = Math.max(...heights);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Benchmarks of Fairlead">`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...placed,
    '</svg>\n',
  ].join('\n');
}

function panelAt({ title, better, bars }: Panel, left: number, top: number): string {
  const longest = Math.max(...bars.flatMap(({ value, limit }) => [value.high, limit ?? 0]));
  const scale = longest > 0 ? barRoom / longest : 0;
  return [
    `<text class="title" x="${left}" y="${top + 14}">${escaped(title)} <tspan class="note">(${better} is better)</tspan></text>`,
    ...bars.map((bar, index) => barAt(bar, left, top + titleHeight + index * rowHeight, scale)),
  ].join('\n');
}

function barAt({ label, value, text, isOurs, limit }: Bar, left: number, top: number, scale: number): string {
  const from = left + labelWidth;
  const [middle, base] = [top + barHeight / 2, top + barHeight - 3];
  const at = (number: number): string => (from + Math.max(0, number) * scale).toFixed(1);
  const length = (Math.max(0, value.median) * scale).toFixed(1);
  return [
    `<text x="${from - 6}" y="${base}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="bar${isOurs ? ' ours' : ''}" x="${from}" y="${top}" width="${length}" height="${barHeight}"/>`,
    `<path class="spread" d="M${at(value.low)} ${middle}H${at(value.high)}"/>`,
    ...(limit === undefined
      ? []
      : [`<path class="limit" d="M${at(limit)} ${top - 2}V${top + barHeight + 2}"/>`]),
    `<text class="note" x="${from + barRoom + 6}" y="${base}">${escaped(text)}</text>`,
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
