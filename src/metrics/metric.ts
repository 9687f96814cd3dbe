/** What a metric is: one row of the table, which is all that the texts, the documentation and the dashboards go by. */

import type { Snapshot } from './snapshot.ts';

export type MetricType = 'counter' | 'gauge' | 'info';

/** What may be asked for by itself (`collect[]`), as it costs what its name says. */
export const groups = [
  'daemon',
  'director',
  'network',
  'connections',
  'health',
  'services',
  'servers',
] as const;
export type Group = (typeof groups)[number];

export type Sample = {
  readonly value: number;
  /** As `labelText` writes them; nothing for the one sample of a metric without labels. */
  readonly labels?: string;
};

export type Metric = {
  /** As it is written: a counter's ends in `_total`, information's in `_info`. */
  readonly name: string;
  readonly type: MetricType;
  readonly group: Group;
  /** A base unit, or what is counted. */
  readonly unit: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Asked one by one: some metrics have a hundred thousand of them. */
  readonly samples: (snapshot: Snapshot) => Iterable<Sample>;
};

/** `{service="tcp:10.0.0.1:80",state="ESTABLISHED"}`, with what has to be escaped in the values. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return /["\\\n]/.test(value)
    ? value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
    : value;
}

/** The metric's one value. */
export function single(value: (snapshot: Snapshot) => number): Metric['samples'] {
  return (snapshot) => [{ value: value(snapshot) }];
}

/** A sample of each element of a list. */
export function each<T>(
  list: (snapshot: Snapshot) => Iterable<T>,
  sample: (element: T) => Sample,
): Metric['samples'] {
  return function* (snapshot) {
    for (const element of list(snapshot)) yield sample(element);
  };
}
