/** What a director tells Prometheus, read by Prometheus's own parsers and held against what ipvsadm prints. */

import { beforeEach, expect, type TestContext, test } from 'vitest';
import { metrics } from '../../src/metrics/table.ts';
import { killDaemon } from '../director/daemon.ts';
import { until } from '../director/processes.ts';
import { command, createSegment, serveNames, vip } from '../director/segment.ts';
import { addInterface, createNamespace, needsRoot } from '../director/support.ts';
import { ask, openMetrics } from './asking.ts';
import { type Parsed, parsed, prometheusObstacle, runPromtool } from './prometheus.ts';

beforeEach((context: TestContext) => {
  needsRoot(context);
  const obstacle = prometheusObstacle();
  context.skip(obstacle !== undefined, obstacle);
});

type Wanted = Readonly<Record<string, string>>;

/** The one sample of a name whose labels have these values. */
function sampleOf(families: readonly Parsed[], name: string, wanted: Wanted = {}): number | undefined {
  const samples = families.flatMap((family) => family.samples).filter(([known]) => known === name);
  const fitting = samples.filter(([, labels]) =>
    Object.entries(wanted).every(([label, value]) => labels[label] === value),
  );
  if (fitting.length > 1) throw new Error(`${name}: ${fitting.length} samples`);
  return fitting[0]?.[2];
}

test('what is counted under traffic is what ipvsadm prints, and promtool has nothing to say', async () => {
  const segment = await createSegment('s2', 's3');
  const { director, client, servers } = segment;
  await serveNames(segment, 'rr');
  await command(director, '-A -f 7 -s wlc -p 300');
  await command(director, '-a -f 7 -r 172.25.138.9 -m -w 0');
  const urls = Array.from({ length: 10 }, () => `http://${vip}/`);
  await client.must('curl', '-sm', '5', '-H', 'connection: close', ...urls);
  await client.run(['curl', '-sm', '1', `http://${vip}:81/`]);

  const text = await ask(director, '/metrics');
  expect(await runPromtool(['check', 'metrics'], text)).toEqual({ code: 0, stdout: '', stderr: '' });
  const families = await parsed(text, 'prometheus');
  const service = `tcp:${vip}:80`;
  expect(sampleOf(families, 'fairlead_service_connections_total', { service })).toBe(10);
  const { stdout } = await director.ipvsadm('-Ln --stats --exact');
  for (const { address } of servers) {
    const of = { service, server: `${address}:80` };
    const row = new RegExp(`-> ${address}:80 +(\\d+) +(\\d+) +\\d+ +(\\d+)`).exec(stdout) ?? [];
    expect([
      sampleOf(families, 'fairlead_server_connections_total', of),
      sampleOf(families, 'fairlead_server_incoming_packets_total', of),
      sampleOf(families, 'fairlead_server_incoming_bytes_total', of),
    ]).toEqual(row.slice(1).map(Number));
    expect(sampleOf(families, 'fairlead_server_weight', of)).toBe(1);
    expect(sampleOf(families, 'fairlead_server_neighbour_resolved', { address })).toBe(1);
    expect(sampleOf(families, 'fairlead_server_outgoing_bytes_total', of), 'answers pass it by').toBe(
      undefined,
    );
  }
  const marked = { service: 'mark:7', server: '172.25.138.9:0' };
  expect(sampleOf(families, 'fairlead_server_weight', marked)).toBe(0);
  expect(sampleOf(families, 'fairlead_server_outgoing_bytes_total', marked)).toBe(0);
  expect(sampleOf(families, 'fairlead_service_servers_available', { service: 'mark:7' })).toBe(0);
  expect(
    sampleOf(families, 'fairlead_service_info', { service: 'mark:7', protocol: 'mark', port: '7' }),
  ).toBe(1);
  const states = families.find(({ name }) => name === 'fairlead_connections_by_state')?.samples ?? [];
  const counted = states.reduce((sum, [, , value]) => sum + value, 0);
  expect(counted).toBe(sampleOf(families, 'fairlead_connections'));
  expect(counted).toBe(10);
  expect(sampleOf(families, 'fairlead_interface_hook', { interface: 'eth0', hook: 'tc' })).toBe(1);
});

test('as OpenMetrics a strict parser reads the same families, each as the table has it', async () => {
  const director = await createNamespace('openmetrics');
  await addInterface(director, 'eth0', '10.0.0.1/24');
  await command(director, '-A -t [fd00::100]:80 -s sh');
  await command(director, '-a -t [fd00::100]:80 -r [fd00::2]:80 -g');
  const families = await until('a sweep was made', async () => {
    const found = await parsed(await ask(director, '/metrics', ...openMetrics), 'openmetrics');
    return found.some(({ name }) => name === 'fairlead_sweep_age_seconds') ? found : undefined;
  });
  const names = new Set(
    families.map(({ name, type }) => name + (type === 'counter' ? '_total' : type === 'info' ? '_info' : '')),
  );
  for (const { name } of metrics) {
    const hasNoneHere =
      /_outgoing_|_persistent_connections|connections_by_state|neighbour|claims|_up$|quorum|_weight$|sorry|check_lat|checks_/.test(
        name,
      );
    expect(names.has(name) || hasNoneHere, name).toBe(true);
  }
  for (const { samples } of families) {
    for (const [name, labels] of samples) {
      const row = metrics.find((metric) => metric.name === name);
      expect([name, Object.keys(labels)]).toEqual([row?.name, row?.labels]);
    }
  }
  const of = { service: 'tcp:[fd00::100]:80', server: '[fd00::2]:80' };
  expect(sampleOf(families, 'fairlead_server_weight', of)).toBe(1);
  expect(families.find(({ name }) => name === 'process_cpu_seconds')).toMatchObject({
    type: 'counter',
    unit: 'seconds',
  });
});

test('a packet that is not forwarded is counted under its reason, and a rival for the VIP under its MAC', async () => {
  const segment = await createSegment('s2');
  const { director, client, servers } = segment;
  await command(director, `-A -t ${vip}:80 -s rr`);
  await client.run(['curl', '-sm', '1', `http://${vip}/`]);
  await servers[0]
    ?.must('busybox', 'arping', '-q', '-U', '-c', '1', '-w', '1', '-I', 'eth0', vip)
    .catch(() => '');
  const families = await until('the claim was heard', async () => {
    const found = await parsed(await ask(director, '/metrics'), 'prometheus');
    return sampleOf(found, 'fairlead_vip_claims_total', { vip }) === undefined ? undefined : found;
  });
  expect(sampleOf(families, 'fairlead_packets_not_forwarded_total', { reason: 'no_server' })).toBeGreaterThan(
    0,
  );
});

test('only the groups that are asked for are gathered, and an unknown one is refused by name', async () => {
  const director = await createNamespace('groups');
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  await command(director, '-a -t 10.0.0.100:80 -r 10.0.0.2:80 -g');
  const text = await ask(director, '/metrics?collect[]=services&collect[]=daemon');
  const groups = new Set(
    (await parsed(text, 'prometheus')).flatMap(({ samples }) =>
      samples.map(([name]) => metrics.find((metric) => metric.name === name)?.group),
    ),
  );
  expect([...groups].sort()).toEqual(['daemon', 'services']);
  const problem = JSON.parse(await ask(director, '/metrics?collect[]=everything'));
  expect(problem).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  expect(problem.detail).toMatch(/^collect\[\]: everything; there are daemon, /);
});

test('a daemon that was killed comes back with the counters that were, and says that it adopted them', async () => {
  const director = await createNamespace('adopted');
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  const adopted = async () => {
    const families = await parsed(await ask(director, '/metrics?collect[]=daemon'), 'prometheus');
    return [sampleOf(families, 'fairlead_daemon_adopted'), sampleOf(families, 'process_start_time_seconds')];
  };
  const [before, first = 0] = await adopted();
  expect(before).toBe(0);
  await killDaemon(director);
  await director.ipvsadm('-Ln');
  const [after, second = 0] = await adopted();
  expect(after).toBe(1);
  expect(second).toBeGreaterThan(first);
});
