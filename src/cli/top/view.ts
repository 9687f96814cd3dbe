/** The screen of `fairlead top` as lines of text. Pure. */

import { shortNumber } from '../status/numbers.ts';
import { noHealth, warningsOf } from '../status/warnings.ts';
import { dropsPerSecond, type Group, groupsOf, type Row, type Sample } from './sample.ts';
import type { Scene, SortKey, State } from './state.ts';

export type Size = { readonly columns: number; readonly rows: number };

export type Look = {
  readonly now: Sample;
  readonly before: Sample | undefined;
  /** Why what is seen is old. */
  readonly trouble: string | undefined;
};

export type Frame = {
  readonly lines: readonly string[];
  /** Of the lines, those that are shown inverted. */
  readonly inverted: ReadonlySet<number>;
  readonly scene: Scene;
};

const titles: Readonly<Record<Exclude<SortKey, 'name'>, string>> = {
  active: 'ACTIVE',
  inactive: 'INACTIVE',
  connections: 'CONN/S',
  packets: 'PACKETS/S',
  bytes: 'BYTES/S',
};
const figures = ['active', 'inactive', 'connections', 'packets', 'bytes'] as const;
const figureWidth = 9;
const weightWidth = 6;
/** Of the cells behind the name, with a blank before each. */
const restWidth = 1 + weightWidth + figures.length * (1 + figureWidth);

const keyLine = 'q quit  s sort  r reverse  / filter  p pause  enter open  e open all  h help';

export const helpLines: readonly string[] = [
  'q, ^C         quit',
  's, S          sort by the next, the previous column',
  'r             the smallest first',
  '/             show only what has a text in its name; enter: keep, escape: as before',
  'escape        show all again',
  'p, blank      pause, and go on',
  'up, down      select a service; also k, j, page up, page down, home, end',
  'enter         show the real servers of the selected service, or no longer',
  'e             show all real servers, or none',
  '+, -          look seldomer, more often',
  '^Z            back to the shell until fg',
  '',
  'Any key goes back.',
];

/** What fits on a screen of this size, with the selected line among it. */
export function frameOf(state: State, look: Look, size: Size): Frame {
  const rows = shownRows(state, look);
  const head = headLines(state, look);
  const page = Math.max(1, size.rows - head.length - 2);
  const selected = Math.min(state.selected, Math.max(0, rows.length - 1));
  const top = Math.max(0, selected - page + 1);
  const nameWidth = Math.max(10, size.columns - restWidth);
  const body = state.help
    ? helpLines.slice(0, page)
    : rows.slice(top, top + page).map((row) => rowText(row, nameWidth));
  const filling = Array.from({ length: page - body.length }, () => '');
  const lines = [...head, titleLine(state, nameWidth), ...body, ...filling, footLine(state, rows.length)];
  const inverted = new Set([head.length]);
  if (!state.help && rows.length > 0) inverted.add(head.length + 1 + selected - top);
  return {
    lines: lines.map((line) => line.slice(0, size.columns)),
    inverted,
    scene: { services: rows.map(({ service }) => service), page },
  };
}

function headLines(state: State, { now, before, trouble }: Look): readonly string[] {
  const { status, services } = now;
  const { count, limit, halfOpen, stateless } = status.connections;
  const groups = groupsOf(now, before);
  const total = (name: 'connections' | 'packets' | 'bytes'): string =>
    shortNumber(groups.reduce((sum, { row }) => sum + row[name], 0));
  const [warning, ...others] = warningsOf({
    ...{ status, services, neighbours: [], health: noHealth },
  });
  const more = others.length > 0 ? ` (and ${others.length} more: fairlead status)` : '';
  const pace = state.paused ? 'paused' : `every ${state.seconds} s`;
  return [
    `fairlead top  namespace ${status.namespace}, ${pace}${trouble === undefined ? '' : `  ${trouble}`}`,
    `${shortNumber(count)} connections of ${shortNumber(limit)}, ${shortNumber(halfOpen)} half-open${stateless ? ', no room' : ''}; ${services.length} services; ${shortNumber(dropsPerSecond(now, before))} packets/s not forwarded`,
    `${total('connections')} connections/s, ${total('packets')} packets/s, ${total('bytes')} bytes/s`,
    warning === undefined ? '' : `! ${warning}${more}`,
  ];
}

function footLine(state: State, rows: number): string {
  if (state.editing !== undefined) return `filter: ${state.filter}_`;
  const filter = state.filter === '' ? '' : `filter ${state.filter} (${rows} lines)  `;
  return `${filter}${keyLine}`;
}

/** The column that sorts has a mark. */
function titleLine({ sort, reversed }: State, nameWidth: number): string {
  const marked = (key: SortKey, title: string): string =>
    key === sort ? `${reversed ? '^' : 'v'}${title}` : title;
  const cells = figures.map((name) => marked(name, titles[name]).padStart(figureWidth));
  return [marked('name', 'SERVICE').padEnd(nameWidth), 'WEIGHT'.padStart(weightWidth), ...cells].join(' ');
}

function rowText(row: Row, nameWidth: number): string {
  const name = row.server === undefined ? row.service : `  ${row.server}`;
  const cells = figures.map((figure) => shortNumber(row[figure]).padStart(figureWidth));
  return [shortened(name, nameWidth).padEnd(nameWidth), row.weight.padStart(weightWidth), ...cells].join(' ');
}

/** Of a name that is too long the end tells more than the middle. */
function shortened(name: string, width: number): string {
  if (name.length <= width) return name;
  const tail = Math.floor((width - 2) / 2);
  return `${name.slice(0, width - tail - 2)}..${name.slice(name.length - tail)}`;
}

/** Services in their order, each with its real servers in theirs below it. */
function shownRows(state: State, { now, before }: Look): readonly Row[] {
  const { filter } = state;
  const order = orderOf(state);
  const fitting = groupsOf(now, before).flatMap(({ row, servers }): readonly Group[] => {
    if (row.service.includes(filter)) return [{ row, servers }];
    const some = servers.filter(({ server }) => server?.includes(filter));
    return some.length > 0 ? [{ row, servers: some }] : [];
  });
  return fitting
    .toSorted((one, other) => order(one.row, other.row))
    .flatMap(({ row, servers }) => [row, ...servers.toSorted(order)]);
}

function orderOf({ sort, reversed }: State): (a: Row, b: Row) => number {
  const sign = reversed ? -1 : 1;
  const byName = (a: Row, b: Row): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  if (sort === 'name') return (a, b) => sign * byName(a, b);
  return (a, b) => sign * (b[sort] - a[sort]) || byName(a, b);
}
