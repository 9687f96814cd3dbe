/** The checker as a process: it reports, keeps its rhythm, and goes when it should. */

import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { inNamespace } from '../../src/linux/namespace.ts';
import { commandLine, killQuietly, must, until } from '../director/processes.ts';
import { createNamespace, type Namespace, needsRoot } from '../director/support.ts';
import { jobFor, watch } from './support.ts';

beforeEach(needsRoot);

/** A server in the namespace that accepts and says nothing; answers its port. */
async function acceptIn({ name }: Namespace, onConnection: () => void = () => undefined): Promise<number> {
  const server = createServer((socket) => {
    onConnection();
    socket.on('error', () => undefined).resume();
  });
  // Without an address: looking one up would outlast the stay in the namespace.
  inNamespace(`/run/netns/${name}`, () => server.listen(0));
  onTestFinished(() => void server.close());
  await until('it listens', () => server.listening);
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function checkersOf({ name }: Namespace): Promise<readonly number[]> {
  const pids = (await must(['ip', 'netns', 'pids', name])).split('\n').filter(Boolean).map(Number);
  return pids.filter((pid) => commandLine(pid).some((word) => /checker/.test(word)));
}

test('it asks inside the namespace, and says why nobody is there', async () => {
  const namespace = await createNamespace('asks');
  const port = await acceptIn(namespace);
  const checker = watch(namespace);
  const listening = jobFor({ kind: 'tcp' }, { port });
  const closed = jobFor({ kind: 'tcp' }, { port: 9 });
  checker.want([listening, closed]);
  expect(await checker.next(listening)).toMatchObject({ ok: true, latencyMs: expect.any(Number) });
  expect(await checker.next(closed)).toMatchObject({ ok: false, reason: 'refused' });
  expect(checker.log).toEqual([]);
});

test('jobs that stay keep their rhythm, those that go are asked no more, and the last takes the process along', async () => {
  const namespace = await createNamespace('jobs');
  const asked = [0, 0];
  const ports = [
    await acceptIn(namespace, () => (asked[0] = (asked[0] ?? 0) + 1)),
    await acceptIn(namespace, () => (asked[1] = (asked[1] ?? 0) + 1)),
  ];
  const [one, other] = ports.map((port) => jobFor({ kind: 'tcp' }, { port }));
  if (!one || !other) throw new Error('two ports, two jobs');
  const checker = watch(namespace);
  checker.want([one, other]);
  await Promise.all([checker.next(one), checker.next(other)]);
  checker.want([one]);
  const [checkerPid] = await checkersOf(namespace);
  await checker.next(one);
  const before = asked[1];
  for (let time = 0; time < 3; time++) await checker.next(one);
  expect(asked[1]).toBe(before);
  expect(await checkersOf(namespace)).toEqual([checkerPid]);

  checker.want([]);
  await until('it has gone', async () => (await checkersOf(namespace)).length === 0);
});

test('one that was killed is started again, and goes on with all jobs', async () => {
  const namespace = await createNamespace('killed');
  const job = jobFor({ kind: 'tcp' }, { port: await acceptIn(namespace) });
  const checker = watch(namespace);
  checker.want([job]);
  await checker.next(job);
  for (const pid of await checkersOf(namespace)) killQuietly(pid);
  await until('it is noticed', () => checker.log.length > 0);
  expect(checker.log).toEqual(['checker: it ended with SIGKILL; it is started again']);
  expect(await checker.next(job)).toMatchObject({ ok: true });
});

test('one that hangs is killed and started again; one that hangs when it should go does not keep the daemon', async () => {
  const namespace = await createNamespace('hangs');
  const job = jobFor({ kind: 'tcp' }, { port: await acceptIn(namespace) });
  const checker = watch(namespace);
  checker.want([job]);
  await checker.next(job);
  for (const pid of await checkersOf(namespace)) killQuietly(pid, 'SIGSTOP');
  await until('it is noticed', () => checker.log.length > 1, 60_000);
  expect(checker.log).toEqual([
    'checker: it has said nothing for 15 seconds, and is killed',
    'checker: it ended with SIGKILL; it is started again',
  ]);
  await until('it asks again', () => checker.outcomes(job).length, 30_000);
  expect(await checker.next(job)).toMatchObject({ ok: true });

  const [pid = 0] = await checkersOf(namespace);
  killQuietly(pid, 'SIGSTOP');
  await checker.close();
  expect(commandLine(pid)).toEqual([]);
}, 120_000);

test('it does not keep its namespace: once nobody else is there, both go', async () => {
  const namespace = await createNamespace('gone');
  const resident = namespace.start('sleep', '60');
  const job = jobFor({ kind: 'tcp' }, { port: 9 });
  const checker = watch(namespace);
  checker.want([job]);
  await checker.next(job);
  const [pid = 0] = await checkersOf(namespace);

  await must(['ip', 'netns', 'del', namespace.name]);
  await checker.next(job); // with a process inside there is still somebody
  await sleep(1500);
  expect(commandLine(pid)).not.toEqual([]);
  resident.kill();
  await until('the checker has gone', () => commandLine(pid).length === 0);
});
