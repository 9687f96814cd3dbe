/** A daemon in the foreground, of the namespace that it is in: as a unit or a person starts it. */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { logPath, socketPath } from '../../src/api/paths.ts';
import { killDaemon, runFiles, statusOf, tcPrograms } from './daemon.ts';
import { commandLine, until } from './processes.ts';
import { command } from './segment.ts';
import { addInterface, createNamespace, type Namespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

const web = (scheduler: string): string => `
services:
  - tcp: 10.0.0.100:80
    scheduler: ${scheduler}
    servers: [10.0.0.11, 10.0.0.12]
`;
const nonsense = 'services:\n  - tcp: 10.0.0.100:80\n    schedular: rr\n';

/** A configuration file, and a daemon that is started with it. */
function resident(namespace: Namespace, text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'fairlead.yaml');
  writeFileSync(path, text);
  const { child, pid } = namespace.start(`${root}bin/fairleadd`, '--config', path, '--log-format', 'json');
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const log = (): readonly Record<string, unknown>[] =>
    said
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const says = (words: string): Promise<unknown> =>
    until(
      `the log says ${words}`,
      () => log().some(({ message }) => String(message).includes(words)),
      15_000,
    );
  return { path, pid, child, log, says };
}

async function listed(namespace: Namespace): Promise<string> {
  return (await namespace.ipvsadm('-Ln')).stdout.split('\n').slice(3).join('\n');
}

test('it takes over from a daemon that a command has started, with its programs, services and counters', async () => {
  const namespace = await createNamespace('takes');
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  await command(namespace, '-A -u 10.0.0.100:53 -s rr');
  const programs = await tcPrograms(namespace, 'eth0');
  const before = await statusOf(namespace);

  const { pid, says } = resident(namespace, '{ sysctls: { conn_reuse_mode: 3 } }');
  await says('ready');

  expect(commandLine(before.pid)).toEqual([]);
  expect(await statusOf(namespace)).toMatchObject({ pid, services: 2, sysctls: { conn_reuse_mode: 3 } });
  expect(await tcPrograms(namespace, 'eth0')).toEqual(programs);
  expect(await listed(namespace)).toContain('UDP  10.0.0.100:53 rr\n');
});

test('its file is applied before it says that it is ready, and again when it is told to', async () => {
  const namespace = await createNamespace('file');
  const { path, pid, log, says } = resident(namespace, web('wlc'));
  await says('ready');
  expect(log().map(({ message }) => message)).toEqual([
    `${path}: 1 service to add, 2 real servers to add`,
    'ready',
  ]);
  expect(await listed(namespace)).toContain('TCP  10.0.0.100:80 wlc\n');

  writeFileSync(path, web('wrr'));
  expect(await namespace.fairlead('reload')).toEqual({
    stdout: `${path}: done: 1 service to change\n`,
    stderr: '',
    code: 0,
  });
  const after = await listed(namespace);
  expect(after).toContain('TCP  10.0.0.100:80 wrr\n');

  writeFileSync(path, nonsense);
  const refused = await namespace.fairlead('reload');
  expect(refused).toMatchObject({ stdout: '', code: 1 });
  expect(refused.stderr).toContain(`${path}:3:5: `);
  process.kill(pid, 'SIGHUP');
  await until('both refusals are logged', () => log().filter(({ level }) => level === 'error').length === 2);
  expect(await listed(namespace)).toBe(after);

  writeFileSync(path, web('sed'));
  process.kill(pid, 'SIGHUP');
  await until('it is reloaded', async () => (await listed(namespace)).includes(' sed\n'));
});

test('with a file that is wrong it serves what the kernel has, and says what is wrong', async () => {
  const namespace = await createNamespace('wrong');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  await killDaemon(namespace);

  const { path, log, says } = resident(namespace, nonsense);
  await says('ready');

  expect(log()[0]).toMatchObject({ level: 'error', message: expect.stringContaining(`${path}:3:5: `) });
  expect(await listed(namespace)).toBe('TCP  10.0.0.100:80 rr\n');
});

test('told to stop, it leaves the services and no files, and the next command goes on', async () => {
  const namespace = await createNamespace('stops');
  const { child, pid, says } = resident(namespace, web('rr'));
  await says('ready');
  const before = await listed(namespace);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(pid, 'SIGTERM');
  expect(await ended).toBe(0);
  expect(runFiles(namespace.inode)).toEqual([]);
  expect(await listed(namespace)).toBe(before);
});

test('an upgrade leaves its file to the daemon that takes its place', async () => {
  const namespace = await createNamespace('heir');
  const { path, pid, says } = resident(namespace, web('rr'));
  await says('ready');
  expect(await statusOf(namespace)).toMatchObject({ pid, configurationFile: path });

  expect(await namespace.fairlead('upgrade')).toMatchObject({ code: 0, stderr: '' });
  expect((await statusOf(namespace)).pid).not.toBe(pid);
  writeFileSync(path, web('wrr'));
  expect(await namespace.fairlead('reload')).toMatchObject({ code: 0, stderr: '' });
  expect(await listed(namespace)).toContain('TCP  10.0.0.100:80 wrr\n');
});

test('without a file it has nothing to reload, and says so', async () => {
  const namespace = await createNamespace('none');
  await namespace.ipvsadm('-Ln');
  const { code, stderr } = await namespace.fairlead('reload');
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('The daemon has no configuration file'),
  });
  expect(statSync(socketPath(namespace.inode)).isSocket()).toBe(true);
  expect(readFileSync(logPath(namespace.inode), 'utf8')).toMatch(/^\S+Z info ready version=/);
});
