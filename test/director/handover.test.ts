/** From one daemon to the next: no command is lost between them, and none answers for another's namespace. */

import { closeSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { createClient } from '../../src/api/client.ts';
import { lockPath, socketPath } from '../../src/api/paths.ts';
import type { Ipv4, Port } from '../../src/ipvs/address.ts';
import type { Destination } from '../../src/ipvs/service.ts';
import { daemonsOf, runFiles, statusOf, stillThere, tcProgram } from './daemon.ts';
import { commandLine, killQuietly, start, startWith, until } from './processes.ts';
import { command } from './segment.ts';
import { addInterface, createNamespace, type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const header = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

test('SIGTERM ends a daemon in good order, and the next command goes on where it was', async () => {
  const namespace = await createNamespace('sigterm');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  await command(namespace, '-a -t 10.0.0.100:80 -r 10.0.0.11 -g -w 3');
  const before = await namespace.ipvsadm('-Ln');
  const { pid } = await statusOf(namespace);

  process.kill(pid, 'SIGTERM');
  await until('the daemon is gone', () => commandLine(pid).length === 0);
  expect(runFiles(namespace.inode)).not.toContain(`${namespace.inode}.sock`);

  expect(await namespace.ipvsadm('-Ln')).toEqual(before);
  expect((await statusOf(namespace)).pid).not.toBe(pid);
});

test('commands that meet a daemon on its way out are carried out all the same', async () => {
  const namespace = await createNamespace('leaving');
  await namespace.ipvsadm('-Ln');
  const ports = Array.from({ length: 24 }, (_, index) => 8000 + index);
  for (const part of [ports.slice(0, 8), ports.slice(8, 16), ports.slice(16)]) {
    const { pid } = await statusOf(namespace);
    const outcomes = part.map(async (port, index) => {
      await sleep(index * 40);
      return await namespace.ipvsadm(`-A -t 10.0.0.100:${port} -s rr`);
    });
    await sleep(250);
    process.kill(pid, 'SIGTERM');
    expect(await Promise.all(outcomes)).toEqual(part.map(() => ({ stdout: '', stderr: '', code: 0 })));
  }
  const { stdout } = await namespace.ipvsadm('-Ln');
  expect(stdout).toBe(header + ports.map((port) => `TCP  10.0.0.100:${port} rr\n`).join(''));
});

test('a kill in the midst of changes leaves each of them done or not done, and those that were answered done', async () => {
  const namespace = await createNamespace('midst');
  await command(namespace, '-A -t 10.0.0.100:80 -s wrr');
  const { call } = createClient(socketPath(namespace.inode));
  /** How many real servers each of those who add them has there. */
  let there: readonly number[] = Array.from({ length: 6 }, () => 0);
  for (let round = 0; round < 5; round++) {
    const { pid } = await call('status', {});
    const answered = [...there];
    const adders = there.map(async (_, adder) => {
      // Without an end of its own: however late the kill comes, it finds each of them waiting for an answer.
      for (;;) {
        await call('addDestination', { params, body: added(adder, (answered[adder] ?? 0) + 1) });
        answered[adder] = (answered[adder] ?? 0) + 1;
      }
    });
    const ends = Promise.allSettled(adders);
    await until('each has had an answer', () =>
      answered.every((count, adder) => count > (there[adder] ?? 0)),
    );
    process.kill(pid, 'SIGKILL');
    for (const end of await ends) {
      const reason: unknown = expect.objectContaining({ code: 'DIRECTOR_UNREACHABLE' });
      expect(end).toEqual({ status: 'rejected', reason });
    }

    const { stdout, code } = await namespace.ipvsadm('-Ln');
    expect(code).toBe(0);
    const listed = [...stdout.matchAll(/-> (\S+):80 +Route +2 +0 +0 /g)].map(([, address]) => address);
    there = answered.map((count, adder) => {
      const isNextThere = listed.includes(added(adder, count + 1).address);
      return isNextThere ? count + 1 : count;
    });
    const wanted = there.flatMap((count, adder) =>
      Array.from({ length: count }, (_, index) => added(adder, index + 1).address),
    );
    expect(listed.toSorted()).toEqual(wanted.toSorted());
  }
  for (const [adder, count] of there.entries()) {
    for (let number = 1; number <= count; number++) {
      const destination = `${added(adder, number).address}:80`;
      await call('deleteDestination', { params: { ...params, destination } });
    }
  }
  expect((await namespace.ipvsadm('-Ln')).stdout).toBe(`${header}TCP  10.0.0.100:80 wrr\n`);
});

test('a command waits for a daemon that still holds the lock but no longer listens, then starts its own', async () => {
  const namespace = await createNamespace('lock');
  await namespace.ipvsadm('-Ln');
  const { pid } = await statusOf(namespace);
  process.kill(pid, 'SIGTERM');
  await until('the daemon is gone', () => commandLine(pid).length === 0);
  start(['flock', lockPath(namespace.inode), 'sleep', '2']);
  await sleep(200);
  expect(await namespace.ipvsadm('-Ln')).toEqual({ stdout: header, stderr: '', code: 0 });
});

test('a new namespace that gets the number of a deleted one gets a director of its own at once', async () => {
  const { pid, next } = await supersede();
  try {
    const listing = next.ipvsadm('-Ln');
    await sleep(300);
    process.kill(pid, 'SIGCONT');
    expect(await listing).toEqual({ stdout: header, stderr: '', code: 0 });
    expect((await statusOf(next)).pid).not.toBe(pid);
    await until('one daemon', () => daemonsOf(next.inode).length === 1);
  } finally {
    killQuietly(pid, 'SIGCONT');
  }
});

test('what the caller had open, a lock say, is not kept open by the daemon', async () => {
  const namespace = await createNamespace('files');
  const file = `/tmp/fl-test-${process.pid}-lock`;
  const fd = openSync(file, 'w');
  try {
    await startWith(namespace.inside([`${process.cwd()}/bin/ipvsadm`, '-Ln']), { 7: fd, 40: fd });
    const { pid } = await statusOf(namespace);
    const open = readdirSync(`/proc/${pid}/fd`).map((name) => linkOf(`/proc/${pid}/fd/${name}`));
    expect(open.length).toBeGreaterThan(5);
    expect(open).not.toContain(file);
  } finally {
    closeSync(fd);
    rmSync(file);
  }
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const params = { service: 'tcp:10.0.0.100:80' };

/** The real server that one of those who add some adds as its first, second, … */
function added(adder: number, number: number): Destination {
  const address = `10.${1 + adder}.${number >> 8}.${number & 255}` as Ipv4;
  return {
    ...{ address, port: 80 as Port, method: 'gate', weight: 2 },
    ...{ upperThreshold: 0, lowerThreshold: 0 },
  };
}

type Superseded = {
  /** The daemon of the namespace that has gone, which is stopped: it has not noticed. */
  readonly pid: number;
  /** The one that has its number now. */
  readonly next: Namespace;
};

/** Whoever makes a namespace at the same time may get the number in its place: then once more. */
async function supersede(attempts = 5): Promise<Superseded> {
  const old = await createNamespace('old');
  await addInterface(old, 'eth0', '10.0.0.2/24');
  await command(old, '-A -t 10.0.0.100:80 -s rr');
  const anchor = { programs: [await tcProgram(old, 'lo')].flatMap((id) => id ?? []), maps: [] };
  const { pid } = await statusOf(old);
  process.kill(pid, 'SIGSTOP');
  try {
    await old.remove();
    await until('its programs are gone', () => stillThere(anchor).programs.length === 0);
    const next = await namespaceWithInode(old.inode);
    if (next) return { pid, next };
  } catch (error) {
    killQuietly(pid, 'SIGCONT');
    throw error;
  }
  killQuietly(pid, 'SIGCONT');
  if (attempts === 1) throw new Error(`no namespace got the number ${old.inode}`);
  return await supersede(attempts - 1);
}

/** The kernel gives the lowest number that is free. */
async function namespaceWithInode(inode: number): Promise<Namespace | undefined> {
  for (let tries = 0; tries < 40; tries++) {
    const namespace = await createNamespace('next');
    if (namespace.inode === inode) return namespace;
  }
  return undefined;
}
