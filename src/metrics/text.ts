/**
 * Metrics as text, by two specifications: Prometheus's text format 0.0.4, and OpenMetrics 1.0, which has units and says
 * where it ends.
 */

import type { Metric } from './metric.ts';
import type { Snapshot } from './snapshot.ts';

export type Format = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What a request's Accept header asks for: the one that it prefers, and Prometheus's own where it has no wish. */
export function wantedFormat(accept: string | undefined): Format {
  const wishes = (accept ?? '').split(',').map((wish) => {
    const [type = '', ...parameters] = wish.split(';').map((word) => word.trim());
    const quality = parameters.find((word) => word.startsWith('q='))?.slice(2);
    return { type: type.toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
  });
  const best = (...types: readonly string[]): number =>
    Math.max(0, ...wishes.filter(({ type }) => types.includes(type)).map(({ quality }) => quality));
  const openmetrics = best('application/openmetrics-text');
  return openmetrics > 0 && openmetrics >= best('text/plain', 'text/*') ? 'openmetrics' : 'prometheus';
}

/** What the samples of a metric belong to: OpenMetrics counts the suffix to the sample, not to the name. */
function familyOf({ name, type }: Pick<Metric, 'name' | 'type'>): string {
  if (type === 'counter') return name.replace(/_total$/, '');
  return type === 'info' ? name.replace(/_info$/, '') : name;
}

/** The text, some lines at a time. A metric that has no sample is left out. */
export function* metricsText(
  metrics: readonly Metric[],
  snapshot: Snapshot,
  format: Format,
): Generator<string> {
  for (const metric of metrics) {
    let begun = false;
    for (const { value, labels = '' } of metric.samples(snapshot)) {
      const line = `${metric.name}${labels} ${numberText(value)}\n`;
      yield begun ? line : headText(metric, format) + line;
      begun = true;
    }
  }
  if (format === 'openmetrics') yield '# EOF\n';
}

function headText(metric: Metric, format: Format): string {
  const { name, type, unit, help } = metric;
  const family = familyOf(metric);
  const text = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  if (format === 'prometheus')
    return `# HELP ${name} ${text}\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`;
  const unitLine = family.endsWith(`_${unit}`) ? `# UNIT ${family} ${unit}\n` : '';
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${text.replace(/"/g, '\\"')}\n`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
