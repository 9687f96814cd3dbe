/** One version takes the place of another, the daemon and its programs: whoever asks meanwhile does not notice. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { otherBuild } from './builds.ts';
import { statusOf, tcPrograms } from './daemon.ts';
import { answer, load } from './load.ts';
import { command, createSegment, vip } from './segment.ts';
import { needsRoot, root } from './support.ts';

beforeEach(needsRoot);

/** Each takes seconds: FAIRLEAD_UPGRADES=20 for a long look. */
const upgrades = Number(process.env['FAIRLEAD_UPGRADES'] ?? 4);
const clients = 2;

test(`${upgrades} upgrades under load: no request fails, connections live on, nothing is forgotten`, async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director, servers } = segment;
  await command(director, `-A -t ${vip}:7 -s rr`);
  for (const server of servers) {
    await answer(server);
    await command(director, `-a -t ${vip}:7 -r ${server.address}:7 -g`);
  }
  const builds = [otherBuild().fairlead, `${root}bin/fairlead`];
  const talk = load(client, 'talk', vip, '7');
  const asks = load(client, 'ask', vip, '7', String(clients));

  let programs = await tcPrograms(director, 'eth0');
  const daemons = new Set([(await statusOf(director)).pid]);
  for (let number = 0; number < upgrades; number++) {
    const { code, stdout, stderr } = await director.run([builds[number % 2] as string, 'upgrade']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('programs replaced');
    const after = await tcPrograms(director, 'eth0');
    expect(
      after.filter((id) => programs.includes(id)),
      'both programs are other ones',
    ).toEqual([]);
    expect(after.length).toBe(programs.length);
    programs = after;
    daemons.add((await statusOf(director)).pid);
  }
  expect(daemons.size).toBe(upgrades + 1);

  const [talked, asked] = [await talk(), await asks()];
  expect(talked.failures).toEqual([]);
  expect(asked.failures).toEqual([]);
  expect(talked.answered).toBeGreaterThan(upgrades);
  expect(asked.answered).toBeGreaterThan(upgrades * clients);
  // Each connection was counted once, by whichever programs were there.
  const { stdout } = await director.ipvsadm('-Ln --stats --exact');
  const counted = /^TCP +\S+ +(\d+)/m.exec(stdout)?.[1];
  expect(Number(counted)).toBe(asked.answered + 1);
}, 300_000);

test('a build whose programs the kernel refuses leaves the daemon that is there, and says why', async () => {
  const { director } = await createSegment('s2');
  await command(director, `-A -t ${vip}:7 -s rr`);
  const before = await statusOf(director);
  const { code, stderr } = await director.run([otherBuild({ licence: 'Proprietary.' }).fairlead, 'upgrade']);
  expect(code).toBe(1);
  expect(stderr.split('\n').length).toBe(2);
  expect(await statusOf(director)).toMatchObject({ pid: before.pid, services: 1 });
});

test('a build that nothing can be carried over to is refused, with what it would cost; with --force it takes what it can', async () => {
  const { director } = await createSegment('s2');
  await command(director, `-A -t ${vip}:7 -s wlc -p 300`);
  await command(director, `-a -t ${vip}:7 -r 172.25.138.2:7 -g -w 5`);
  await director.fairlead('sysctl -w expire_nodest_conn=1');
  const listed = (await director.ipvsadm('-Ln')).stdout;
  const before = await statusOf(director);
  const build = otherBuild({ layout: 999, isUnlike: true });

  const refused = await director.run([build.fairlead, 'upgrade']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('struct fl_destination_state: sentMtu was a number');
  expect(refused.stderr).toContain('fairlead upgrade --force');
  expect(refused.stderr).toContain('0 connections');
  expect(await statusOf(director)).toMatchObject({ pid: before.pid });

  const forced = await director.run([build.fairlead, 'upgrade', '--force']);
  expect(forced).toMatchObject({ code: 0 });
  expect((await director.run([build.ipvsadm, '-Ln'])).stdout).toBe(listed);
  expect(await statusOf(director)).toMatchObject({ sysctls: { expire_nodest_conn: 1 } });
});

test('--force does nothing where what runs is more than a file may ask for, and says what', async () => {
  const { director } = await createSegment('s2', 's3');
  const path = join(mkdtempSync(join(tmpdir(), 'fl-test-')), 'fairlead.yaml');
  onTestFinished(() => rmSync(dirname(path), { recursive: true, force: true }));
  const servers = '[172.25.138.2, 172.25.138.3]';
  writeFileSync(path, `services: [{tcp: "${vip}:7", quorum: 2, checks: [{tcp: }], servers: ${servers}}]\n`);
  expect(await director.fairlead(`apply ${path}`)).toMatchObject({ code: 0 });
  await command(director, `-d -t ${vip}:7 -r 172.25.138.3`);
  const before = await statusOf(director);

  const { fairlead } = otherBuild({ layout: 999, isUnlike: true });
  const refused = await director.run([fairlead, 'upgrade', '--force']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    /^fairlead: The configuration file is refused.*quorum.*fairlead export.*\n$/,
  );
  expect(await statusOf(director)).toMatchObject({ pid: before.pid, services: 1 });
});
