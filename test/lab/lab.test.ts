/** Labs come and go, stand side by side, and leave nothing behind. */

import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { binDirectory } from '../../src/lab/package-root.ts';
import { run } from '../../src/lab/process.ts';
import { fairlead, labParts, needsLab, standingLab } from './support.ts';

beforeEach(needsLab);

test('a lab that was built and taken down leaves nothing', async () => {
  const id = await standingLab();
  expect(labParts(id)).toEqual(
    expect.arrayContaining(
      ['client', 'server1', 'server2', 'server3', 'lan'].map((name) => `fl-${id}-${name}`),
    ),
  );
  expect((await fairlead('lab', 'down', id)).code).toBe(0);
  expect(labParts(id)).toEqual([]);
});

test('real servers that are left standing say their names to whoever asks', async () => {
  const id = await standingLab();
  for (const [address, name] of [
    ['172.25.138.2', 'server2'],
    ['172.25.138.3', 'server3'],
  ] as const) {
    const asked = await fairlead(
      'lab',
      'exec',
      'client',
      '--lab',
      id,
      '--',
      'curl',
      '-sS',
      '-m',
      '5',
      address,
    );
    expect(asked).toMatchObject({ code: 0, stdout: `${name}\n` });
  }
});

test('a lab takes the programs that still run in it down with it', async () => {
  const id = await standingLab();
  await fairlead(
    'lab',
    'exec',
    'server2',
    '--lab',
    id,
    '--',
    'sh',
    '-c',
    'setsid sleep 600 >/dev/null 2>&1 &',
  );
  await fairlead('lab', 'exec', 'server1', '--lab', id, '--', 'ipvsadm', '-A', '-t', '172.25.138.100:80');
  expect(labParts(id)).toContainEqual(expect.stringContaining('sleep 600'));
  expect(labParts(id)).toContainEqual(expect.stringContaining('fairleadd'));

  expect(await fairlead('lab', 'down', id)).toMatchObject({ code: 0, stderr: `lab ${id} is down\n` });
  expect(labParts(id)).toEqual([]);
});

test('a host reaches its neighbours, and a command in it ends with its own exit code', async () => {
  const id = await standingLab();
  const inClient = (...command: string[]) => fairlead('lab', 'exec', 'client', '--lab', id, '--', ...command);
  expect(await inClient('busybox', 'ping', '-c', '1', '-W', '2', '172.25.138.3')).toMatchObject({ code: 0 });
  expect(await inClient('sh', '-c', 'echo $FAIRLEAD_HOST; exit 7')).toMatchObject({
    code: 7,
    stdout: 'client\n',
  });
});

test('two labs stand side by side, with the same addresses, and do not see each other', async () => {
  const [one, other] = [await standingLab(), await standingLab()];
  const rename = ['ip', 'addr', 'add', '172.25.138.77/24', 'dev', 'eth0'];
  expect((await fairlead('lab', 'exec', 'server2', '--lab', one, '--', ...rename)).code).toBe(0);
  const ping = ['busybox', 'ping', '-c', '1', '-W', '1', '172.25.138.77'];
  expect((await fairlead('lab', 'exec', 'client', '--lab', one, '--', ...ping)).code).toBe(0);
  expect((await fairlead('lab', 'exec', 'client', '--lab', other, '--', ...ping)).code).toBe(1);

  await fairlead('lab', 'down', one);
  expect(labParts(one)).toEqual([]);
  expect(labParts(other)).toContain(`fl-${other}-client`);
});

test('the list names the labs that stand, also for scripts', async () => {
  const id = await standingLab();
  expect((await fairlead('lab', 'list')).stdout).toMatch(new RegExp(`^${id} +dr +stands +since `, 'm'));
  const listed: unknown = JSON.parse((await fairlead('lab', 'list', '--json')).stdout);
  expect(listed).toContainEqual(expect.objectContaining({ id, topology: 'dr', standing: true }));
});

test('a shell opens on a host, with our programs first in its path', async () => {
  const id = await standingLab();
  const shell = [join(binDirectory, 'fairlead'), 'lab', 'shell', 'server3', '--lab', id];
  const { stdout } = await run(shell, { stdin: 'ip -br -4 addr show dev eth0; command -v ipvsadm\n' });
  expect(stdout).toContain('172.25.138.3/24');
  expect(stdout).toContain(join(binDirectory, 'ipvsadm'));
});
