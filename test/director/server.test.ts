/** What `fairlead server` does to a real server, seen by its clients. */

import { beforeEach, expect, test } from 'vitest';
import { until } from './processes.ts';
import { createSegment, type Segment, serveNames, vip } from './segment.ts';
import { needsRoot } from './support.ts';

beforeEach(needsRoot);

/** A connection through the director, and the real server that has it. */
async function openTalk({ client, director, servers }: Segment) {
  const before = (await director.ipvsadm('-Ln')).stdout;
  const { child } = client.start('busybox', 'nc', vip, '80');
  let heard = '';
  let isOver = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  child.once('exit', () => {
    isOver = true;
  });
  const active = (text: string) => /-> (\S+):80 +Route +\d+ +1 /.exec(text)?.[1];
  const address = await until('the connection is there', async () => {
    const now = (await director.ipvsadm('-Ln')).stdout;
    return now === before ? undefined : active(now);
  });
  const label = servers.find((server) => server.address === address)?.label ?? '';
  return {
    ...{ address, label },
    say: (text: string) => child.stdin?.write(text),
    heard: () => heard,
    isOver: () => isOver,
  };
}

/** The connections of a real server, as it sees them. */
async function establishedOn({ servers }: Segment, label: string): Promise<string | undefined> {
  const server = servers.find((each) => each.label === label);
  return await server?.must('ss', '-Htn', 'state', 'established');
}

async function curls({ client }: Segment, count: number): Promise<readonly string[]> {
  const urls = Array.from({ length: count }, () => `http://${vip}/`);
  const { stdout } = await client.run(['curl', '-sm', '5', '-H', 'connection: close', ...urls]);
  return [...new Set(stdout.split('\n').slice(0, -1))].sort();
}

test('a drained real server keeps its connection, gets no other one, and is idle when that has ended', async () => {
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  await serveNames(segment, 'rr');
  await director.ipvsadm(`-e -t ${vip}:80 -r ${servers[0]?.address} -g -w 4`);
  await director.ipvsadm(`-e -t ${vip}:80 -r ${servers[1]?.address} -g -w 4`);
  const talk = await openTalk(segment);
  const other = servers.find(({ label }) => label !== talk.label)?.label;

  const early = await director.fairlead(`server drain ${talk.address} --deadline 1s`);
  expect(early).toMatchObject({ code: 1, stdout: '' });
  expect(early.stderr).toContain(`${talk.address}: 1 connection after 1 s; no new ones come\n`);
  expect(await curls(segment, 6)).toEqual([other]);

  const drained = director.fairlead(`server drain ${talk.address}`);
  talk.say('GET / HTTP/1.0\r\n\r\n');
  await until('the answer is there', () => talk.heard().endsWith(`${talk.label}\n`));
  expect(await drained).toMatchObject({ code: 0 });
  expect((await drained).stdout).toMatch(/: idle after \d+ s\n$/);

  expect(await director.fairlead(`server enable ${talk.address}`)).toMatchObject({ code: 0, stderr: '' });
  expect((await director.ipvsadm('-Ln')).stdout.match(/Route +4 /g)?.length, 'its weight is back').toBe(2);
  expect(await curls(segment, 6)).toEqual(['s2', 's3']);
});

test('a removed real server leaves no connection hanging: its clients are reset, also those that only wait', async () => {
  const segment = await createSegment('s2', 's3');
  const { director } = segment;
  await serveNames(segment, 'rr');
  const talk = await openTalk(segment);
  expect(await establishedOn(segment, talk.label)).toContain(vip);

  const kept = await director.fairlead(`server remove ${talk.address}`);
  expect(kept).toMatchObject({ code: 1, stdout: '' });
  expect(kept.stderr).toBe(
    `${talk.address}: 1 connection: --drain waits for them, --reset ends them; it was not removed\n`,
  );
  expect(await director.fairlead(`server remove ${talk.address} --reset`)).toEqual({
    ...{ code: 0, stderr: '', stdout: `${talk.address}: removed, 1 connection ended\n` },
  });
  expect((await director.ipvsadm('-Ln')).stdout).not.toContain(talk.address);
  await until('the client is reset', talk.isOver);
  expect(talk.heard()).toBe('');
  await until('so is the real server', async () => (await establishedOn(segment, talk.label)) === '');

  const unknown = await director.fairlead('server weight 10.9.9.9 3');
  expect(unknown).toMatchObject({
    ...{ code: 1, stdout: '', stderr: 'fairlead: No such destination: 10.9.9.9 in any service\n' },
  });
});
