/** Checks through direct routing, with real packets: a director that owns the VIP, and a real server. */

import { createServer } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Probe } from '../../src/health/check.ts';
import type { Job } from '../../src/health/job.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { must, until } from '../director/processes.ts';
import { createSegment, type Segment, type Server, vip } from '../director/segment.ts';
import { needsRoot } from '../director/support.ts';
import { jobFor, type Watched, watch } from './support.ts';

beforeEach(needsRoot);

const vip6 = 'fd25:138::100';

type Setting = {
  readonly segment: Segment;
  readonly server: Server;
  readonly checker: Watched;
  /** Who connected to the real server's port 80 so far, and by which of its addresses. */
  readonly seen: { readonly peer: string; readonly at: string }[];
};

/** Both families; TCP port 80 accepts on every address of the real server. */
async function setUp(): Promise<Setting> {
  const segment = await createSegment('server2');
  const [server] = segment.servers;
  if (!server) throw new Error('one was asked for');
  const ip = (where: { readonly name: string }, words: string) =>
    must(['ip', '-n', where.name, ...words.split(' ')]);
  await ip(segment.director, 'address add fd25:138::1/64 dev eth0 nodad');
  await ip(segment.director, `address add ${vip6}/64 dev eth0 nodad preferred_lft 0`);
  await ip(server, 'address add fd25:138::2/64 dev eth0 nodad');
  await ip(server, `address add ${vip6}/128 dev lo nodad`);
  const seen: Setting['seen'] = [];
  const tcp = createServer((socket) => {
    seen.push({ peer: plain(socket.remoteAddress), at: plain(socket.localAddress) });
    socket.on('error', () => undefined).end('hello\n');
  });
  inNamespace(`/run/netns/${server.name}`, () => tcp.listen(80));
  onTestFinished(() => void tcp.close());
  return { segment, server, checker: watch(segment.director), seen };
}

/** IPv4 on a socket of both families. */
function plain(address = ''): string {
  return address.replace(/^::ffff:/, '');
}

const direct = (probe: Probe, port = 80, timeoutMs = 4000): Job =>
  jobFor(probe, { vip, rip: '172.25.138.2', port, method: 'gate' }, { timeoutMs });
const own = (probe: Probe, port = 80): Job =>
  jobFor(probe, { vip, rip: '172.25.138.2', port, method: 'gate' }, { via: 'rip' });
const direct6 = (probe: Probe, port = 80): Job =>
  jobFor(probe, { vip: vip6, rip: 'fd25:138::2', port, method: 'gate' });

const well = { ok: true } as const;
const hello = { kind: 'tcp', expect: 'hello' } as const;

test("the real server is asked at the virtual address, from the director's own", async () => {
  const { checker, seen } = await setUp();
  const [four, six] = [direct(hello), direct6(hello)];
  checker.want([four, six]);
  expect(await checker.next(four)).toMatchObject(well);
  expect(await checker.next(six)).toMatchObject(well);
  expect(seen).toContainEqual({ peer: '172.25.138.1', at: vip });
  expect(seen).toContainEqual({ peer: 'fd25:138::1', at: vip6 });
  expect(new Set(seen.map(({ at }) => at))).toEqual(new Set([vip, vip6]));
});

test('a real server that has lost the virtual address is seen this way only', async () => {
  const { checker, server } = await setUp();
  const [through, past] = [direct(hello, 80, 1000), own(hello)];
  checker.want([through, past]);
  expect(await checker.next(through)).toMatchObject(well);
  await must(['ip', '-n', server.name, 'address', 'del', `${vip}/32`, 'dev', 'lo']);
  await until('it fails', () => checker.outcomes(through).at(-1)?.ok === false);
  expect(await checker.next(through)).toMatchObject({ ok: false, reason: 'timeout' });
  expect(await checker.next(past)).toMatchObject(well);

  await must(['ip', '-n', server.name, 'address', 'add', `${vip}/32`, 'dev', 'lo']);
  await until('it is well again', () => checker.outcomes(through).at(-1)?.ok);
});

test("a service that listens on the real server's own address alone is seen this way only", async () => {
  const { checker, server } = await setUp();
  server.start('busybox', 'httpd', '-f', '-p', '172.25.138.2:8080', '-h', '/');
  const [through, past] = [direct({ kind: 'tcp' }, 8080), own({ kind: 'tcp' }, 8080)];
  checker.want([through, past]);
  await until('it listens', () => checker.outcomes(past).some(({ ok }) => ok));
  expect(await checker.next(through)).toMatchObject({ ok: false, reason: 'refused' });
  expect(await checker.next(past)).toMatchObject(well);
});
