/** Checks through direct routing, with real packets: a director that owns the VIP, and a real server. */

import { createServer } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Probe } from '../../src/health/check.ts';
import type { Job } from '../../src/health/job.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { commandLine, killQuietly, must, until } from '../director/processes.ts';
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

test('a real server that has lost the virtual address, or listens on its own alone, is seen this way only', async () => {
  const { checker, server } = await setUp();
  const [through, past] = [direct(hello, 80, 1000), own(hello)];
  checker.want([through, past]);
  expect(await checker.next(through)).toMatchObject(well);
  await must(['ip', '-n', server.name, 'address', 'del', `${vip}/32`, 'dev', 'lo']);
  await until('it fails', () => checker.outcomes(through).at(-1)?.ok === false);
  expect(await checker.next(through)).toMatchObject({ ok: false, reason: 'timeout' });
  expect(await checker.next(past)).toMatchObject(well);

  await must(['ip', '-n', server.name, 'address', 'add', `${vip}/32`, 'dev', 'lo']);
  await until('it is well again', () => checker.outcomes(through).at(-1)?.ok, 15_000);

  server.start('busybox', 'httpd', '-f', '-p', '172.25.138.2:8080', '-h', '/');
  const [elsewhere, there] = [direct({ kind: 'tcp' }, 8080), own({ kind: 'tcp' }, 8080)];
  checker.want([elsewhere, there]);
  await until('it listens', () => checker.outcomes(there).some(({ ok }) => ok), 15_000);
  expect(await checker.next(elsewhere)).toMatchObject({ ok: false, reason: 'refused' });
});

test('datagrams and echoes go the same way, and so do ICMP errors back, in both families', async () => {
  const { checker, server } = await setUp();
  // A datagram service has to be bound to the VIP, or else it may answer from another address.
  const echo = (type: string, words: string): string =>
    `{ const s = require('dgram').createSocket('${type}'); ` +
    `s.on('message', (m, { port, address }) => s.send(m, port, address)).bind(${words}); }`;
  const bound = [echo('udp4', `5300, '${vip}'`), echo('udp6', `5300, '${vip6}'`), echo('udp4', '5302')];
  server.start(process.execPath, '-e', bound.join(''));
  const ask = { kind: 'udp', send: Uint8Array.of(1, 2, 3), expect: { kind: 'any' } } as const;
  const ping = { kind: 'ping', bytes: 56 } as const;
  const answered = [direct(ask, 5300), direct6(ask, 5300), direct(ping), direct6(ping)];
  const refused = [direct(ask, 5301), direct6(ask, 5301)];
  const elsewhere = direct(ask, 5302, 500);
  checker.want([...answered, ...refused, elsewhere, own(ask, 5302)]);
  for (const job of [...answered, own(ask, 5302)])
    await until('it is well', () => checker.outcomes(job).some(({ ok }) => ok), 15_000);
  const isRefused = (job: Job): boolean =>
    checker.outcomes(job).some((outcome) => !outcome.ok && outcome.reason === 'refused');
  for (const job of refused) await until('it is refused', () => isRefused(job), 15_000);
  expect(await checker.next(elsewhere)).toMatchObject({ ok: false, reason: 'timeout' });

  const alone = direct(ping, 80, 500);
  await must(['ip', '-n', server.name, 'address', 'del', `${vip}/32`, 'dev', 'lo']);
  checker.want([alone]);
  expect(await checker.next(alone)).toMatchObject({ ok: false, reason: 'timeout' });
});

test('where no way leads, an echo fails in the words that a connection fails in', async () => {
  const { checker } = await setUp();
  const [echo, connection] = (['ping', 'tcp'] as const).map((kind) =>
    jobFor(
      kind === 'ping' ? { kind, bytes: 56 } : { kind },
      { vip, rip: '198.51.100.9', port: 80, method: 'gate' },
      { via: 'rip' },
    ),
  ) as [Job, Job];
  checker.want([echo, connection]);
  const failed = (call: string) => ({
    ...{ ok: false, reason: 'unreachable', detail: `${call}: ENETUNREACH (network is unreachable)` },
  });
  expect(await checker.next(echo)).toMatchObject(failed('sendto'));
  expect(await checker.next(connection)).toMatchObject(failed('connect'));
});

test('where the virtual address is what the kernel would ask from, another one of this host is taken', async () => {
  const { segment, checker, seen } = await setUp();
  const { director } = segment;
  const ip = (words: string) => must(['ip', '-n', director.name, ...words.split(' ')]);
  await ip('-4 address flush dev eth0');
  await ip(`address add ${vip}/24 dev eth0`);
  const job = direct(hello);
  checker.want([job]);
  expect(await checker.next(job)).toMatchObject({
    ...{ ok: false, reason: 'local', detail: expect.stringContaining(`would ask from ${vip}`) },
  });
  await ip('address add 172.25.138.1/24 dev eth0');
  await until('it is well', () => checker.outcomes(job).some(({ ok }) => ok), 15_000);
  expect(seen[0]).toEqual({ peer: '172.25.138.1', at: vip });

  // A real server that is this host itself is asked without a packet on the segment.
  director.start('busybox', 'httpd', '-f', '-p', `${vip}:8081`, '-h', '/');
  const here = jobFor({ kind: 'tcp' }, { vip, rip: '172.25.138.1', port: 8081, method: 'gate' });
  checker.want([here]);
  await until('it is well', () => checker.outcomes(here).some(({ ok }) => ok), 15_000);
});

test("the programs stand in front of the director's, follow its interfaces, and go with the last such check", async () => {
  const { segment, checker } = await setUp();
  const { director } = segment;
  const filters = async (device: string): Promise<string> =>
    (await must(['tc', '-n', director.name, 'filter', 'show', 'dev', device, 'ingress'])) +
    (await must(['tc', '-n', director.name, 'filter', 'show', 'dev', device, 'egress']));
  await director.ipvsadm(`-A -t ${vip}:80 -s rr`);
  await director.ipvsadm(`-a -t ${vip}:80 -r 172.25.138.9 -m`); // so that the director looks at what leaves
  const job = direct(hello);
  checker.want([job]);
  expect(await checker.next(job)).toMatchObject(well);
  const names = [...new Set([...(await filters('eth0')).matchAll(/fl_\w+/g)].map(String))];
  expect(names).toEqual(['fl_check_in', 'fl_director_tc', 'fl_check_out', 'fl_director_out']);

  await must(['ip', '-n', director.name, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'far']);
  await until('eth1 has them', async () => (await filters('eth1')).includes('fl_check_in'), 15_000);

  checker.want([jobFor({ kind: 'tcp' }, { port: 9 })]);
  await until('they are gone', async () => !(await filters('eth0')).includes('fl_check'), 15_000);
  expect(await filters('eth0')).toContain('fl_director_tc');

  // One that is killed leaves them behind, for unloading.
  checker.want([job]);
  await until('they are back', async () => (await filters('eth0')).includes('fl_check'), 15_000);
  const pids = (await must(['ip', 'netns', 'pids', director.name])).split('\n').filter(Boolean).map(Number);
  for (const pid of pids) if (commandLine(pid).some((word) => /checker/.test(word))) killQuietly(pid);
  checker.want([]);
  expect(await filters('eth0')).toContain('fl_check');
  await director.fairlead('unload');
  expect(await filters('eth0')).toBe('');
});
