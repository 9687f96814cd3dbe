/** One director per namespace: how it comes, what it leaves, and that the namespace is nobody's but its own. */

import { statSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { socketPath } from '../../src/api/paths.ts';
import {
  daemonsOf,
  type Holdings,
  holdingsOf,
  killDaemon,
  nothing,
  runFiles,
  statusOf,
  stillThere,
  tcProgram,
} from './daemon.ts';
import { must, start, until } from './processes.ts';
import { command, createSegment, sendDatagrams, vip } from './segment.ts';
import { addInterface, bin, createNamespace, inodeOf, type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const header = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;
const done = { stdout: '', stderr: '', code: 0 };

describe('a namespace in which nothing was started', () => {
  test('has no daemon and no program until the first command, which brings both up', async () => {
    const namespace = await createNamespace('first');
    await addInterface(namespace, 'eth0', '10.0.0.2/24');
    expect(daemonsOf(namespace.inode)).toEqual([]);

    expect(await namespace.ipvsadm('-Ln')).toEqual({ ...done, stdout: header });

    expect(daemonsOf(namespace.inode)).toEqual([(await statusOf(namespace)).pid]);
    expect(await tcProgram(namespace, 'eth0')).toBeGreaterThan(0);
    expect(await tcProgram(namespace, 'lo')).toBeGreaterThan(0);
  });

  test('gets exactly one daemon from ten commands at once, and all ten are carried out', async () => {
    const namespace = await createNamespace('ten');
    const ports = Array.from({ length: 10 }, (_, index) => 8000 + index);
    const outcomes = await Promise.all(
      ports.map((port) => namespace.ipvsadm(`-A -t 10.0.0.100:${port} -s rr`)),
    );
    expect(outcomes).toEqual(ports.map(() => done));
    await until('one daemon', () => daemonsOf(namespace.inode).length === 1);
    const { stdout } = await namespace.ipvsadm('-Ln');
    expect(stdout).toBe(header + ports.map((port) => `TCP  10.0.0.100:${port} rr\n`).join(''));
  });

  test('has a socket that only root may use', async () => {
    const { inode, ipvsadm } = await createNamespace('mode');
    await ipvsadm('-Ln');
    const { mode, uid } = statSync(socketPath(inode));
    expect([mode & 0o777, uid]).toEqual([0o600, 0]);
  });
});

test('two namespaces do not see each other', async () => {
  const [one, other] = [await createNamespace('one'), await createNamespace('other')];
  await one.ipvsadm('-A -t 10.0.0.100:80 -s rr');
  await other.ipvsadm('-A -u 10.0.0.100:53 -s wrr');
  expect((await one.ipvsadm('-Ln')).stdout).toBe(`${header}TCP  10.0.0.100:80 rr\n`);
  expect((await other.ipvsadm('-Ln')).stdout).toBe(`${header}UDP  10.0.0.100:53 wrr\n`);
  await one.ipvsadm('-C');
  expect((await one.ipvsadm('-Ln')).stdout).toBe(header);
  expect((await other.ipvsadm('-Ln')).stdout).toBe(`${header}UDP  10.0.0.100:53 wrr\n`);
  expect((await statusOf(one)).pid).not.toBe((await statusOf(other)).pid);
});

test('a namespace that only a process holds is served, and ends with the process', async () => {
  const holder = start(['unshare', '--net', 'sleep', '300']);
  const inode = await until('a namespace of its own', async () => {
    const [own, its] = await Promise.all(
      ['self', holder.pid].map((pid) => must(['readlink', `/proc/${pid}/ns/net`])),
    );
    return own !== its && inodeOf(its ?? '');
  });
  const inside = ['nsenter', `--net=/proc/${holder.pid}/ns/net`];
  await must([...inside, 'ip', 'link', 'set', 'lo', 'up']);
  await must([...inside, bin.ipvsadm, '-A', '-t', '10.0.0.100:80', '-s', 'rr']);
  expect(await must([...inside, bin.ipvsadm, '-Ln'])).toBe(`${header}TCP  10.0.0.100:80 rr\n`);
  await must([...inside, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1']);
  await until('eth0 is served', async () =>
    (await statusOf({ inode })).interfaces.some(({ name, hooks }) => name === 'eth0' && hooks.includes('tc')),
  );

  holder.kill();
  await until('no daemon', () => daemonsOf(inode).length === 0);
  expect(runFiles(inode)).toEqual([]);
});

describe('deleting a namespace leaves nothing behind', () => {
  test.each([
    ['with a living daemon', { connections: false, killed: false }],
    ['with a living daemon and connections in its table', { connections: true, killed: false }],
    ['after its daemon was killed', { connections: false, killed: true }],
    ['after its daemon was killed, with connections in its table', { connections: true, killed: true }],
  ])('%s', async (_, { connections, killed }) => {
    const { client, director } = await createSegment('s2');
    await command(director, `-A -u ${vip}:53 -s rr`);
    await command(director, `-a -u ${vip}:53 -r 172.25.138.2 -m`); // so that it looks at what leaves, too
    if (connections) await sendDatagrams(client, 53, { count: 20, payload: 10, from: 40_000, spread: true });
    expect((await statusOf(director)).connections.count).toBe(connections ? 20 : 0);
    const held = await holdingsOf(director, 'lo', 'eth0');
    expect(stillThere(held)).toEqual(held);
    expect(held.programs.length).toBeGreaterThanOrEqual(4);
    expect(held.maps.length).toBeGreaterThanOrEqual(10);
    if (killed) await killDaemon(director);

    await director.remove();
    await untilNothingOf(director, held);
    if (!killed) expect(runFiles(director.inode)).toEqual([]);
  });

  test('the files of a killed daemon go with the next daemon that starts anywhere', async () => {
    const namespace = await createNamespace('swept');
    await namespace.ipvsadm('-Ln');
    await killDaemon(namespace);
    const other = await createNamespace('sweeper'); // now, so that it cannot get the same number
    await namespace.remove();
    await other.ipvsadm('-Ln');
    await until('they are gone', () => runFiles(namespace.inode).length === 0);
    expect(runFiles(other.inode).length).toBe(3);
  });
});

describe('interfaces', () => {
  test('that come after the start are served, without a word', async () => {
    const namespace = await createNamespace('late');
    await namespace.ipvsadm('-Ln');
    await addInterface(namespace, 'eth0');
    await until('eth0 is served', () => tcProgram(namespace, 'eth0'));
  });

  test('that go, or get another name, are followed', async () => {
    const namespace = await createNamespace('renamed');
    await addInterface(namespace, 'eth0');
    await addInterface(namespace, 'eth1');
    await namespace.ipvsadm('-Ln');
    const served = async () => (await statusOf(namespace)).interfaces.map(({ name }) => name).sort();
    expect(await served()).toEqual(['eth0', 'eth0-peer', 'eth1', 'eth1-peer']);
    await must(['ip', '-n', namespace.name, 'link', 'del', 'eth0']);
    await must(['ip', '-n', namespace.name, 'link', 'set', 'eth1', 'down']);
    await must(['ip', '-n', namespace.name, 'link', 'set', 'eth1', 'name', 'lan1']);
    await until('only what is there is listed', async () => {
      const names = await served();
      return names.join() === 'eth1-peer,lan1';
    });
  });

  test('that went while no daemon was there are forgotten, with what was forced on them', async () => {
    const namespace = await createNamespace('gone');
    const link = (...words: readonly string[]) => must(['ip', '-n', namespace.name, 'link', ...words]);
    const add = () =>
      link('add', 'eth0', 'index', '50', 'up', 'type', 'veth', 'peer', 'name', 'peer0', 'index', '51');
    const eth0 = async () => (await statusOf(namespace)).interfaces.find(({ name }) => name === 'eth0');
    await add();
    expect(await namespace.fairlead('interface eth0 off')).toEqual(done);
    expect((await eth0())?.mode).toBe('off');
    await killDaemon(namespace);
    await link('del', 'eth0');
    expect(await namespace.ipvsadm('-Ln')).toEqual({ ...done, stdout: header });
    await add();
    await until('the new eth0 is served', async () => (await eth0()) !== undefined);
    expect((await eth0())?.mode).toBe('auto');
  });
});

test('fairlead unload takes everything off, and the next command begins anew', async () => {
  const namespace = await createNamespace('unload');
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  const forwarding = () => namespace.must('cat', '/proc/sys/net/ipv4/conf/lo/forwarding');
  const before = await forwarding();
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  const held = await holdingsOf(namespace, 'lo', 'eth0', 'eth0-peer');

  expect(await namespace.fairlead('unload')).toEqual(done);

  await untilNothingOf(namespace, held);
  expect(await tcProgram(namespace, 'eth0')).toBeUndefined();
  expect(await tcProgram(namespace, 'lo')).toBeUndefined();
  expect(runFiles(namespace.inode)).toEqual([]);
  expect(await forwarding()).toBe(before);
  expect(await namespace.ipvsadm('-Ln')).toEqual({ ...done, stdout: header });
});

/** Within five seconds: no process, no program, no map. */
async function untilNothingOf({ inode }: Namespace, held: Holdings): Promise<void> {
  await until('no daemon and nothing in the kernel', () => {
    const { programs, maps } = stillThere(held);
    return daemonsOf(inode).length + programs.length + maps.length === 0;
  });
  expect(stillThere(held)).toEqual(nothing);
}
