/** `fairlead metrics`: what the director tells Prometheus, for whoever has no way to its socket. */

import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { findDirector } from '../api/connect.ts';
import { type Group, groups } from '../metrics/metric.ts';
import { interruptible } from './interruptible.ts';
import { notRunning } from './not-running.ts';

const help = `
Groups: ${groups.join(', ')}. What each metric is: docs/metrics.md, or --list.

Examples:
  fairlead metrics --collect services
  fairlead metrics >/var/lib/prometheus/node-exporter/fairlead.tmp &&
    mv /var/lib/prometheus/node-exporter/fairlead.tmp /var/lib/prometheus/node-exporter/fairlead.prom

Exit status: 0, or 3 where no director runs.`;

type Options = { readonly collect?: readonly Group[]; readonly openmetrics?: true; readonly list?: true };

export function register(program: Command): void {
  program
    .command('metrics')
    .description('print metrics in the text format of Prometheus')
    .option('--collect <group>', 'only these; may be given several times', oneMore)
    .option('--openmetrics', 'as OpenMetrics 1.0')
    .option('--list', 'print what metrics there are, as a table in Markdown')
    .addHelpText('after', help)
    .action(async ({ collect = [], openmetrics, list }: Options) => {
      if (list) {
        const [{ metrics }, { metricsList }] = await Promise.all([
          import('../metrics/table.ts'),
          import('../metrics/page.ts'),
        ]);
        process.stdout.write(metricsList(metrics));
        return;
      }
      const client = await findDirector();
      if (!client) return notRunning();
      const headers = openmetrics ? { accept: 'application/openmetrics-text' } : {};
      const query = collect.length === 0 ? {} : { 'collect[]': collect };
      await interruptible(async (signal) => {
        for await (const piece of client.page('metrics', { query, headers }))
          if (!process.stdout.write(piece)) await once(process.stdout, 'drain', { signal });
      });
    });
}

/** For commander. */
function oneMore(text: string, before: readonly Group[] = []): readonly Group[] {
  const group = groups.find((known) => known === text);
  if (!group) throw new InvalidArgumentError(`There are ${groups.join(', ')}.`);
  return [...before, group];
}
