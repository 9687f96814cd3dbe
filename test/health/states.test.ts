/** What becomes of real servers that fail: by which way they are asked, whatever becomes of the daemon, without a quorum. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { killDaemon } from '../director/daemon.ts';
import { until } from '../director/processes.ts';
import { createSegment, vip } from '../director/segment.ts';
import { needsRoot } from '../director/support.ts';
import { apply, dropVip, healthOf, kill, serve, serverHealth, untilState, weights } from './servers.ts';

beforeEach(needsRoot);

/** What answers has two seconds for it before it counts as down, however busy this machine is; what refuses, after two rounds. */
const rhythm = 'interval: 1s, timeout: 1s, fall: 2, rise: 1';
const [web, alt] = [`${vip}:80`, `${vip}:81`];

test('a real server that has lost the VIP is out where checks go the way of its clients, and seems well where they do not', async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director, servers } = segment;
  for (const server of servers) for (const port of [80, 81]) serve(server, port);
  await apply(
    director,
    `
checks:
  direct: {tcp: {}, ${rhythm}}
  own: {tcp: {}, ${rhythm}, via: rip}
services:
  - {tcp: "${web}", scheduler: rr, checks: [direct], servers: [172.25.138.2, 172.25.138.3]}
  - {tcp: "${alt}", scheduler: rr, checks: [own], servers: [172.25.138.2, 172.25.138.3]}
`,
  );
  await until('both have answered', async () => {
    const { services } = await healthOf(director);
    return services.every(({ servers: all }) => all.every(({ checks }) => checks[0]?.verdict === 'up'));
  });
  const [, victim] = servers;
  if (!victim) throw new Error('two were asked for');
  await dropVip(victim, vip);
  const down = await untilState(director, victim.address, 'down');
  expect(down.reason).toMatch(/^direct: timeout: /);
  expect([await weights(director, web), await weights(director, alt)]).toEqual(['2=1', '2=1 3=1']);
  expect((await serverHealth(director, victim.address, 1)).checks[0]?.verdict).toBe('up');
  // So a client of the first service is always answered, and of the second every other time.
  const ask = async (port: number) =>
    (await client.run(['curl', '-sm', '1', `http://${vip}:${port}/`])).stdout;
  expect([await ask(80), await ask(80), await ask(80)]).toEqual(['s2\n', 's2\n', 's2\n']);
  expect([await ask(81), await ask(81)].sort()).toEqual(['', 's2\n']);
}, 60_000);

test('who is down stays out when the daemon is killed, and is back when it answers the next one', async () => {
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  const processes = servers.map((server) => serve(server));
  const file = `
services:
  - tcp: ${web}
    scheduler: wrr
    checks: [{tcp: {}, ${rhythm}, via: rip}]
    servers: [172.25.138.2, {address: 172.25.138.3, weight: 5}]
`;
  await apply(director, file);
  const [, victim] = servers;
  const [, page] = processes;
  if (!victim || !page) throw new Error('two were asked for');
  await kill(victim, page);
  await untilState(director, victim.address, 'down');
  expect(await weights(director, web)).toBe('2=1');

  await killDaemon(director);
  expect(await weights(director, web)).toBe('2=1');
  expect(await serverHealth(director, victim.address)).toMatchObject({ state: 'down', wanted: 5 });
  expect((await director.fairlead('plan -')).code, 'an empty file manages nothing').toBe(0);
  await until(
    'the next daemon asks',
    async () => (await serverHealth(director, victim.address)).checks[0]?.failed,
  );
  expect(await weights(director, web)).toBe('2=1');

  // A weight by hand is for when it is back.
  expect((await director.fairlead(`server weight ${victim.address} 7`)).code).toBe(0);
  expect(await weights(director, web)).toBe('2=1');
  serve(victim);
  await untilState(director, victim.address, 'up');
  expect(await weights(director, web)).toBe('2=1 3=7');
}, 60_000);

test('a slow start goes on where it was when the daemon is killed in its midst and nobody is there for a while', async () => {
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  const pages = servers.map((server) => serve(server));
  const slowStartSeconds = 10;
  await apply(
    director,
    `
services:
  - tcp: ${web}
    scheduler: wrr
    slow_start: ${slowStartSeconds}s
    checks: [{tcp: {}, ${rhythm}, via: rip}]
    servers: [172.25.138.2, 172.25.138.3]
`,
  );
  const [, newcomer] = servers;
  const [, page] = pages;
  if (!newcomer || !page) throw new Error('two were asked for');
  await kill(newcomer, page);
  await untilState(director, newcomer.address, 'down');
  serve(newcomer);
  await untilState(director, newcomer.address, 'starting');
  await killDaemon(director);
  // By the clock it is over then.
  await new Promise((resolve) => setTimeout(resolve, slowStartSeconds * 1000));
  await weights(director, web); // a command starts the next one
  const back = await serverHealth(director, newcomer.address);
  expect(back).toMatchObject({ state: 'starting', wanted: 1 });
  expect(back.share).toBeLessThan(0.9);
  await untilState(director, newcomer.address, 'up');
  expect(await weights(director, web)).toBe('2=1 3=1');
}, 120_000);

test('without a quorum the sorry server or all of them serve, and a file takes a real server or a service out', async () => {
  const segment = await createSegment('s2', 's3', 'sorry');
  const { client, director, servers } = segment;
  const processes = servers.map((server) => serve(server));
  const maintenance = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(maintenance, { recursive: true, force: true }));
  await apply(
    director,
    `
maintenance: ${maintenance}
checks: {up: {tcp: {}, ${rhythm}, via: rip}}
services:
  - name: web
    tcp: ${web}
    scheduler: rr
    checks: [up]
    sorry_server: 172.25.138.4
    servers: [172.25.138.2, 172.25.138.3]
  - name: alt
    tcp: ${alt}
    scheduler: rr
    checks: [{tcp: {}, port: 80, ${rhythm}, via: rip}]
    panic: all
    servers: [172.25.138.2, 172.25.138.3]
`,
  );
  const page = async (): Promise<string> => (await client.run(['curl', '-sm', '2', `http://${vip}/`])).stdout;
  const have = async (service: string, expected: string): Promise<void> => {
    await until(
      `${service} has ${expected}`,
      async () => (await weights(director, service)) === expected,
      15_000,
    );
  };
  // Real servers, one after the other, and then the whole service, by files.
  writeFileSync(join(maintenance, '172.25.138.3'), '');
  await have(web, '2=1 3=0');
  expect([await page(), await page()]).toEqual(['s2\n', 's2\n']);
  expect(await serverHealth(director, '172.25.138.3')).toMatchObject({ state: 'maintenance', wanted: 1 });
  rmSync(join(maintenance, '172.25.138.3'));
  await have(web, '2=1 3=1');
  writeFileSync(join(maintenance, 'web'), '');
  await have(web, '2=0 3=0 4=1');
  expect(await page()).toBe('sorry\n');
  expect((await director.fairlead('health web')).code, 'it has no quorum').toBe(1);
  rmSync(join(maintenance, 'web'));
  await have(web, '2=1 3=1');

  // All checks fail.
  for (const [index, server] of servers.entries()) {
    const running = processes[index];
    if (server.label !== 'sorry' && running) await kill(server, running);
  }
  await have(web, '4=1');
  expect(await page()).toBe('sorry\n');
  await have(alt, '2=1 3=1');
  expect(await serverHealth(director, '172.25.138.2', 1)).toMatchObject({ state: 'panic' });
  for (const server of servers.slice(0, 2)) serve(server);
  await have(web, '2=1 3=1');
  expect(await page()).toMatch(/^s[23]\n$/);
}, 60_000);
