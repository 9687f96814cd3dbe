/** Prometheus itself scrapes a director, over TCP and with a token, and the dashboard asks it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createToken, temporaryDirectory } from '../director/asking.ts';
import { until } from '../director/processes.ts';
import { createSegment, vip } from '../director/segment.ts';
import { needsRoot, root } from '../director/support.ts';
import { apply, kill, serve, steadyLoad, untilState } from '../health/servers.ts';
import { prometheus, prometheusObstacle } from './prometheus.ts';

beforeEach(needsRoot);

type Panel = {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly panels?: readonly Panel[];
};
type Answer = {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
};

/** Rows have panels of their own. */
function panelsIn(panels: readonly Panel[]): readonly Panel[] {
  return panels.flatMap((panel) => [panel, ...panelsIn(panel.panels ?? [])]);
}

/** As Grafana fills it in, with all directors and services chosen. */
function filledIn(expression: string): string {
  return expression.replaceAll('$__rate_interval', '8s').replaceAll(/\$(instance|service)/g, '.*');
}

test("each query of the dashboard has an answer, and an alert has its director's words", async (context) => {
  const obstacle = prometheusObstacle();
  context.skip(obstacle !== undefined, obstacle);
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  const directory = temporaryDirectory();
  const [tokens, token] = [join(directory, 'tokens'), join(directory, 'token')];
  const pages = servers.map((server) => serve(server));
  await apply(
    director,
    `
api: {tokens: ${tokens}, listen: [{address: "127.0.0.1:8080", plain_text: true}]}
services:
  - tcp: "${vip}:80"
    checks: [{tcp: {}, interval: 300ms, timeout: 250ms, fall: 2, rise: 2, via: rip}]
    servers: [172.25.138.2, 172.25.138.3]
`,
  );
  writeFileSync(token, await createToken(tokens, 'prometheus', 'read-only'));
  writeFileSync(
    join(directory, 'prometheus.yml'),
    `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [${root}packaging/prometheus/alerts.yaml]
scrape_configs:
  - {job_name: fairlead, authorization: {credentials_file: ${token}}, static_configs: [{targets: ["127.0.0.1:8080"]}]}
`,
  );
  director.start(
    prometheus,
    `--config.file=${join(directory, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(directory, 'data')}`,
    '--web.listen-address=127.0.0.1:9090',
  );
  const ask = async (path: string, ...words: readonly string[]) => {
    const url = `http://127.0.0.1:9090/api/v1/${path}`;
    const { stdout } = await director.run(['curl', '-sG', url, ...words]);
    return stdout.startsWith('{') ? (JSON.parse(stdout) as Answer) : undefined; // it has just been started
  };
  const query = (expression: string) => ask('query', '--data-urlencode', `query=${filledIn(expression)}`);
  const figure = async (expression: string) => (await query(expression))?.data?.result[0]?.value[1];
  const stop = steadyLoad(segment, vip, 20);
  await until('it is scraped', async () => (await figure('up{job="fairlead"}')) === '1', 60_000);
  const [victim, page] = [servers[1], pages[1]];
  if (!victim || !page) throw new Error('two were asked for');
  await kill(victim, page);
  await untilState(director, victim.address, 'down');
  await until(
    'rates are known',
    async () => Number(await figure('sum(rate(fairlead_service_connections_total[$__rate_interval]))')) > 0,
    60_000,
  );

  const { panels } = JSON.parse(readFileSync(`${root}packaging/grafana/fairlead.json`, 'utf8')) as {
    readonly panels: readonly Panel[];
  };
  const targets = panelsIn(panels).flatMap(({ title, targets: own = [] }) =>
    own.map(({ expr }) => ({ title, expr })),
  );
  expect(targets.length).toBeGreaterThan(30);
  for (const { title, expr } of targets) {
    const answer = await query(expr);
    expect(answer, `${title}: ${expr}`).toMatchObject({ status: 'success' });
    // What counts what goes wrong alone has nothing to say as long as nothing does.
    if (!expr.endsWith('> 0')) expect(answer?.data?.result.length, `${title}: ${expr}`).toBeGreaterThan(0);
  }
  expect(await figure('count(fairlead_server_up == 0)')).toBe('1');
  await until('the alert is on its way', async () =>
    JSON.stringify(await ask('alerts')).includes(`real server ${victim.address}:80 of tcp:${vip}:80 is out`),
  );
  await stop();
}, 180_000);
