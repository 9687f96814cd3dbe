/** Somebody else clears an interface's filters: what is put back, and what is still found. */

import { beforeEach, expect, test } from 'vitest';
import { statusOf, tcProgram } from './daemon.ts';
import { commandLine, until } from './processes.ts';
import { command } from './segment.ts';
import { addInterface, createNamespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

test('a filter that somebody takes off an interface is put back', async () => {
  const namespace = await createNamespace('cleared');
  await addInterface(namespace, 'eth0');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  expect(await tcProgram(namespace, 'eth0')).toBeDefined();

  await namespace.must('tc', 'qdisc', 'del', 'dev', 'eth0', 'clsact');
  expect(await tcProgram(namespace, 'eth0')).toBeUndefined();

  await until('it is back', async () => (await tcProgram(namespace, 'eth0')) !== undefined);
});

test('with the filters of lo cleared, the next daemon finds everything through another interface', async () => {
  const namespace = await createNamespace('unanchored');
  await addInterface(namespace, 'eth0');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  await command(namespace, '-a -t 10.0.0.100:80 -r 10.0.0.11 -g -w 3');
  await namespace.fairlead('interface eth0 tc');
  const before = await namespace.ipvsadm('-Ln');
  const { pid, interfaces } = await statusOf(namespace);
  expect(interfaces).toContainEqual(expect.objectContaining({ name: 'eth0', mode: 'tc' }));

  await namespace.must('tc', 'qdisc', 'del', 'dev', 'lo', 'clsact');
  await until('the daemon has ended', () => commandLine(pid).length === 0);

  expect(await namespace.ipvsadm('-Ln')).toEqual(before);
  expect((await statusOf(namespace)).interfaces).toEqual(interfaces);
});
