/** `fairlead conns`, `fairlead status` and `fairlead metrics` of a director with real connections. */

import { beforeEach, expect, test } from 'vitest';
import type { ConnectionStatus } from '../../src/ipvs/connection.ts';
import { must } from '../director/processes.ts';
import { command, createSegment, sendDatagrams, serveNames, vip } from '../director/segment.ts';
import { createNamespace, needsRoot } from '../director/support.ts';

beforeEach(needsRoot);

test('connections are found by client, service, real server, state and protocol, sorted and counted', async () => {
  const segment = await createSegment('s2', 's3');
  const { director, client } = segment;
  await serveNames(segment, 'rr');
  await command(director, `-A -u ${vip}:5300 -s rr -p 300`);
  await command(director, `-a -u ${vip}:5300 -r 172.25.138.2:5300 -g`);
  await must(['ip', '-n', client.name, 'address', 'add', '172.25.138.251/24', 'dev', 'eth0']);
  const urls = Array.from({ length: 4 }, () => `http://${vip}/`);
  await client.must('curl', '-sm', '5', '-H', 'connection: close', ...urls);
  await client.must('curl', '-sm', '5', '--interface', '172.25.138.251', `http://${vip}/`);
  await sendDatagrams(client, 5300, { count: 3, payload: 10, from: 7001, spread: true });

  const found = async (words: string) => {
    const { code, stdout, stderr } = await director.fairlead(`conns ${words} --json`);
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ConnectionStatus);
  };
  const count = async (words: string) => (await director.fairlead(`conns ${words} --count`)).stdout;
  expect(await found('')).toHaveLength(8);
  expect(await count('')).toBe('8\n');
  expect(await count(`--vip ${vip} --port 80`)).toBe('5\n');
  expect(await count('--client 172.25.138.251')).toBe('1\n');
  expect(await count('--client 172.25.138.248/30 --protocol udp')).toBe('3\n');
  const [two, three] = [await found('--server 172.25.138.2:80'), await found('--server 172.25.138.3')];
  expect(two.length + three.length).toBe(5);
  expect(three.every(({ destination }) => destination.address === '172.25.138.3')).toBe(true);
  expect(await count('--state fin_wait,time_wait,close,udp')).toBe('8\n');
  expect(await count('--state syn_recv')).toBe('0\n');
  expect(await found('--templates')).toMatchObject([{ template: true, virtual: { port: 5300 } }]);

  const udp = await found('-p udp --sort client');
  expect(udp.map(({ client: { port } }) => port)).toEqual([7001, 7002, 7003]);
  expect((await found('-p udp --sort client --limit 2')).map(({ client: { port } }) => port)).toEqual([
    7001, 7002,
  ]);
  expect(await found('--limit 3')).toHaveLength(3);
  const text = (await director.fairlead('conns -p udp --sort client --limit 1')).stdout.split('\n');
  expect(text[0]).toMatch(/^PROTO STATE +EXPIRES +CLIENT +VIRTUAL +REAL SERVER +METHOD$/);
  expect(text[1]).toMatch(
    /^udp +UDP +\d\d:\d\d +172\.25\.138\.250:7001 +172\.25\.138\.100:5300 +172\.25\.138\.2:5300 +gate$/,
  );

  const status = await director.fairlead('status');
  expect(status.stdout).toMatch(/^ {2}tcp:172\.25\.138\.100:80 +rr +2\/2 +0 +5 /m);
  expect(status.stdout).toContain('Real servers as neighbours: 2 of 2 known\n');
  const json = JSON.parse((await director.fairlead('status --json')).stdout);
  expect(json.virtualServices).toHaveLength(2);
  expect([json.warnings, json.services, json.neighbours.length]).toEqual([[], 2, 2]);
  const metrics = (await director.fairlead('metrics --collect services')).stdout;
  expect(metrics).toContain(`fairlead_service_connections_total{service="tcp:${vip}:80"} 5\n`);
});

test('what makes no sense is refused in one line, and without a director there is nothing to show', async () => {
  const director = await createNamespace('conns');
  const nowhere = await director.fairlead('conns');
  expect(nowhere).toEqual({ code: 3, stdout: '', stderr: 'no director runs in this network namespace\n' });
  for (const [words, sentence] of [
    ['--vip 10.0.0', 'It is an address, or an address with a port.'],
    ['--client 10.0.0.0/33', 'It is an address, or a prefix such as 192.0.2.0/24.'],
    ['--port 65536', 'It is 0 to 65535.'],
    ['--state open', 'It is one or several of NONE, '],
    ['--limit 0', 'It is a number from 1 on.'],
    ['--sort size', 'Allowed choices are client, vip, server, state, expires.'],
  ] as const) {
    const { code, stdout, stderr } = await director.fairlead(`conns ${words}`);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  }
});
