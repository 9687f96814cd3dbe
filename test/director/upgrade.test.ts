/** A new daemon over an earlier one's programs: it takes over what it would load, and replaces what it would not. */

import { beforeEach, expect, test } from 'vitest';
import { otherBuild } from './builds.ts';
import { daemonsOf, killDaemon, tcProgram, tcPrograms } from './daemon.ts';
import { must } from './processes.ts';
import { command } from './segment.ts';
import { addInterface, createNamespace, type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const service = '-A -t 10.0.0.100:80 -s rr';

test('programs of the same object are taken over: nothing on the interfaces changes', async () => {
  const namespace = await serving('same');
  const before = await programsOf(namespace);
  const listed = await namespace.ipvsadm('-Ln');

  await killDaemon(namespace);
  expect(await namespace.ipvsadm('-Ln')).toEqual(listed);

  expect(await programsOf(namespace)).toEqual(before);
});

test('an interface that comes after a restart gets the very program of the others', async () => {
  const namespace = await serving('later');
  await killDaemon(namespace);
  await namespace.ipvsadm('-Ln');
  await addInterface(namespace, 'eth1');
  expect(await namespace.fairlead('interface eth1 tc')).toMatchObject({ code: 0 });
  expect(await tcPrograms(namespace, 'eth1')).toEqual(await tcPrograms(namespace, 'eth0'));
});

test('where the anchor was cleared away, it is set anew and the other programs stay', async () => {
  const namespace = await serving('adrift');
  const before = await programsOf(namespace);
  await killDaemon(namespace);
  await must(['tc', '-n', namespace.name, 'qdisc', 'del', 'dev', 'lo', 'clsact']);

  expect((await namespace.ipvsadm('-Ln')).stdout).toContain('TCP  10.0.0.100:80 rr\n');

  expect(await tcProgram(namespace, 'lo')).toBeGreaterThan(0);
  expect(await tcPrograms(namespace, 'eth0')).toEqual(before.eth0);
});

test('programs of another build are replaced, and services and counters stay', async () => {
  const namespace = await serving('build');
  const before = await programsOf(namespace);
  const listed = await namespace.ipvsadm('-Ln');
  await killDaemon(namespace);

  const build = otherBuild();
  expect(await namespace.run(['node', build.ipvsadm, '-Ln'])).toEqual(listed);

  const after = await programsOf(namespace);
  expect([...after.lo, ...after.eth0].filter((id) => [...before.lo, ...before.eth0].includes(id))).toEqual(
    [],
  );
  expect(after.lo.length + after.eth0.length).toBe(before.lo.length + before.eth0.length);
});

test('an object that the programs were not built with is refused in one line, and nothing is loaded', async () => {
  const namespace = await createNamespace('stale');
  await addInterface(namespace, 'eth0');
  const build = otherBuild({ knownObject: false });

  const { code, stdout, stderr } = await namespace.run(['node', build.ipvsadm, '-Ln']);

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe(
    `The compiled BPF object is not the one this was built with: ${build.object}; 'npm run build' makes the programs anew\n`,
  );
  expect(await programsOf(namespace)).toEqual({ lo: [], eth0: [] });
  expect(daemonsOf(namespace.inode)).toEqual([]);
});

async function serving(label: string): Promise<Namespace> {
  const namespace = await createNamespace(label);
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  await command(namespace, service);
  return namespace;
}

async function programsOf(namespace: Namespace) {
  return { lo: await tcPrograms(namespace, 'lo'), eth0: await tcPrograms(namespace, 'eth0') };
}
