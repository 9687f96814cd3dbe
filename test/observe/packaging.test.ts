/** The dashboard and the alert rules speak of metrics that exist, by PromQL's own grammar. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../src/lab/package-root.ts';
import { metrics } from '../../src/metrics/table.ts';
import { prometheusObstacle, runPromtool } from './prometheus.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../packaging/${path}`, import.meta.url), 'utf8');

/** What Prometheus itself puts to every sample. */
const added = ['instance', 'job'];

/** What is wrong with an expression; nothing where all is well. */
function complaints(expression: string): readonly string[] {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const found: string[] = [];
  const names: string[] = [];
  const labels: string[] = [];
  const word = ({ from, to }: SyntaxNode): string => text.slice(from, to);
  parser.parse(text).iterate({
    enter: ({ node, type }) => {
      if (type.isError) found.push(`${text}: syntax at ${node.from}`);
      if (type.name === 'VectorSelector') names.push(word(node.firstChild ?? node));
      if (type.name === 'LabelName') labels.push(word(node));
      if (type.name === 'FunctionCallBody' && /^(rate|increase)$/.test(word(node.prevSibling ?? node))) {
        const name = /[a-z_]+/.exec(word(node))?.[0];
        if (!name?.endsWith('_total')) found.push(`${text}: a rate of ${name}, which is no counter`);
      }
    },
  });
  const rows = names.map((name) => metrics.find((metric) => metric.name === name));
  for (const [at, name] of names.entries()) if (!rows[at]) found.push(`${text}: no metric ${name}`);
  const known = new Set([...added, ...rows.flatMap((row) => row?.labels ?? [])]);
  for (const label of labels) if (!known.has(label)) found.push(`${text}: no label ${label}`);
  return names.length === 0 ? [...found, `${text}: no metric in it`] : found;
}

describe('the check of expressions', () => {
  it('finds what does not exist', () => {
    expect(complaints('sum by (service) (rate(fairlead_service_connections_total[1m]))')).toEqual([]);
    expect(complaints('fairlead_nonsense')).toHaveLength(1);
    expect(complaints('fairlead_services{colour="red"}')[0]).toContain('no label colour');
    expect(complaints('sum by (server) (fairlead_services)')[0]).toContain('no label server');
    expect(complaints('rate(fairlead_services[1m])')[0]).toContain('which is no counter');
    expect(complaints('sum(fairlead_services')[0]).toContain('syntax');
  });
});

type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] };

describe('the dashboard', () => {
  const dashboard = JSON.parse(read('grafana/fairlead.json'));
  const panels = dashboard.panels as readonly (Panel & { readonly type: string })[];

  it('asks for metrics and labels that exist, in each panel', () => {
    const drawn = panels.filter(({ type }) => type !== 'row');
    expect(drawn.length).toBeGreaterThan(20);
    for (const { title, targets = [] } of drawn) {
      expect(targets.length, title).toBeGreaterThan(0);
      expect(targets.flatMap(({ expr }) => complaints(expr))).toEqual([]);
    }
  });

  it('chooses directors and services by labels that exist', () => {
    const queries = dashboard.templating.list.flatMap((each: { readonly query: unknown }) =>
      typeof each.query === 'object' ? (each.query as { query: string }).query : [],
    );
    for (const query of queries) {
      const [, name, label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      const row = metrics.find((metric) => metric.name === name);
      expect([...(row?.labels ?? []), ...added], query).toContain(label);
    }
    expect(queries).toHaveLength(2);
  });
});

describe('the alert rules', () => {
  const { groups } = parse(read('prometheus/alerts.yaml'));
  const rules = groups.flatMap((group: { readonly rules: unknown }) => group.rules);

  it('ask for metrics and labels that exist, and name only those in what they say', () => {
    expect(rules.length).toBeGreaterThan(10);
    for (const { alert, expr, annotations } of rules) {
      expect(complaints(expr), alert).toEqual([]);
      for (const [, label] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
        const has = metrics.some(({ name, labels }) => expr.includes(name) && labels.includes(label));
        expect(has || added.includes(label), `${alert}: ${label}`).toBe(true);
      }
    }
  });

  it('are right by promtool, and fire when they should', async (context) => {
    const obstacle = prometheusObstacle();
    context.skip(obstacle !== undefined, obstacle);
    const path = (name: string): string => join(packageRoot, 'packaging/prometheus', name);
    for (const words of [
      ['check', 'rules', path('alerts.yaml')],
      ['test', 'rules', path('alerts.test.yaml')],
    ]) {
      const { code, stdout, stderr } = await runPromtool(words);
      expect([code, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')]);
    }
  });
});
