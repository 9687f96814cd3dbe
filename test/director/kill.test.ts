/** `kill -9` of the daemon costs nothing: forwarding goes on, and the next one finds all as it was. */

import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { daemonsOf, killDaemon, statusOf } from './daemon.ts';
import { until } from './processes.ts';
import { command, createSegment, type Segment, sendDatagrams, serveNames, vip } from './segment.ts';
import { type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const kills = 10;
const curlsPerKill = 100;
const curls = kills * curlsPerKill;
const firstPort = 20_000;

test(`${curls} curls are answered while the daemon is killed ${kills} times, and the counts add up`, async () => {
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  await serveNames(segment, 'rr');

  const given: string[] = [];
  const pids = new Set<number>();
  for (let round = 0; round < kills; round++) {
    const load = curlOneByOne(segment, firstPort + round * curlsPerKill, curlsPerKill);
    await until('ten answers', () => load.answers().length >= 10);
    pids.add(await killDaemon(director));
    expect(load.answers().length, 'the daemon is killed under load').toBeLessThan(curlsPerKill);
    expect((await director.ipvsadm('-Ln')).code).toBe(0);
    given.push(...(await load.done));
  }
  expect(pids.size).toBe(kills);

  const right = servers.map(({ label }) => label);
  expect(given.filter((answer) => !right.includes(answer))).toEqual([]);
  expect(right.map((label) => given.filter((answer) => answer === label).length)).toEqual([500, 500]);

  expect(await stats(director)).toEqual([
    [`${vip}:80`, curls],
    ['172.25.138.2:80', curls / 2],
    ['172.25.138.3:80', curls / 2],
  ]);
  const bound = await boundConnections(director);
  expect(bound.map(({ active, inactive }) => active + inactive)).toEqual([curls / 2, curls / 2]);
  const entries = (await director.ipvsadm('-Lcn')).stdout.split('\n').slice(2, -1);
  expect(entries.length).toBe(curls);
  const sources = new Set(entries.map((line) => line.split(/\s+/)[3]));
  expect(sources.size).toBe(curls);
  expect((await statusOf(director)).connections.count).toBe(curls);
}, 120_000);

describe('with the daemon killed and nobody calling', () => {
  test('new connections are balanced all the same, and the next command counts them', async () => {
    const segment = await createSegment('s2', 's3');
    const { director } = segment;
    await serveNames(segment, 'rr');
    await killDaemon(director);
    await sleep(3_000); // longer than anything the kernel keeps of a real server's way
    const answers = await curlOneByOne(segment, firstPort, 40).done;
    expect(daemonsOf(director.inode)).toEqual([]);
    expect([...answers].sort()).toEqual([...Array(20).fill('s2'), ...Array(20).fill('s3')]);
    expect((await stats(director))[0]).toEqual([`${vip}:80`, 40]);
  });

  test('an established connection goes on, and its end is seen', async () => {
    const segment = await createSegment('s2');
    const { client, director } = segment;
    await serveNames(segment, 'rr');
    const talk = client.start('busybox', 'nc', vip, '80');
    let heard = '';
    talk.child.stdout?.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    await until('it is active', async () => (await boundConnections(director))[0]?.active === 1);
    await killDaemon(director);
    talk.child.stdin?.write('GET / HTTP/1.0\r\n\r\n');
    await until('the answer is there', () => heard.endsWith('s2\n'));
    expect(await boundConnections(director)).toEqual([{ active: 0, inactive: 1 }]);
  });

  test('services, real servers, counters and connections are the next command as they were', async () => {
    const { client, director } = await createSegment('s2', 's3');
    await command(director, `-A -u ${vip}:53 -s wrr`);
    await command(director, `-a -u ${vip}:53 -r 172.25.138.2 -g -w 3`);
    await command(director, `-a -u ${vip}:53 -r 172.25.138.3 -g -w 1`);
    await command(director, '-A -t 10.1.1.1:443 -s wlc');
    await command(director, '-a -t 10.1.1.1:443 -r 172.25.138.3 -g -w 0');
    await sendDatagrams(client, 53, { count: 8, payload: 100, from: 40_000, spread: true });
    const views = ['-Ln', '-Ln --nosort', '-Ln --stats', '-Ln --stats --exact', `-Ln -u ${vip}:53`];
    const before = await listings(director, views);
    const table = await connections(director);
    expect(before[2]).toContain(`UDP  ${vip}:53                   8        8        0     1024        0\n`);
    expect(table.length).toBe(8);

    await killDaemon(director);

    expect(await listings(director, views)).toEqual(before);
    expect(await connections(director)).toEqual(table);
    // The scheduler stands where it stood: eight more, and each has twice as many.
    await sendDatagrams(client, 53, { count: 8, payload: 100, from: 41_000, spread: true });
    expect(await boundConnections(director)).toEqual([
      { active: 0, inactive: 0 },
      { active: 0, inactive: 12 },
      { active: 0, inactive: 4 },
    ]);
  });

  test('entries whose time is up are gone, and no longer counted, when the next command looks', async () => {
    const segment = await createSegment('s2');
    const { client, director } = segment;
    await serveNames(segment, 'rr');
    await client.must(process.execPath, '-e', reset, vip);
    expect(await boundConnections(director)).toEqual([{ active: 0, inactive: 1 }]);
    expect((await connections(director)).join()).toContain('CLOSE ');
    await killDaemon(director);
    await sleep(11_000); // CLOSE lasts ten seconds
    expect(await boundConnections(director)).toEqual([{ active: 0, inactive: 0 }]);
    expect(await connections(director)).toEqual([]);
    expect((await statusOf(director)).connections.count).toBe(0);
  });
});

/** Opens a connection and resets it. */
const reset = `const socket = require('net').connect(80, process.argv[1], () => socket.resetAndDestroy())`;

type Load = { answers(): readonly string[]; readonly done: Promise<readonly string[]> };

/** One curl after the other, each from a port of its own; what they print, a line each. */
function curlOneByOne({ client }: Segment, first: number, count: number): Load {
  const last = first + count - 1;
  const once = `curl -sm 5 --local-port $port http://${vip}/ || echo failed`;
  const { child } = client.start('sh', '-c', `for port in $(seq ${first} ${last}); do ${once}; done`);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const answers = (): readonly string[] => text.split('\n').slice(0, -1);
  const done = new Promise<readonly string[]>((resolve) => {
    child.once('close', () => resolve(answers()));
  });
  return { answers, done };
}

async function listings(director: Namespace, views: readonly string[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const view of views) {
    const { stdout, stderr } = await director.ipvsadm(view);
    texts.push(stdout + stderr);
  }
  return texts;
}

/** The rows of -Lcn without the seconds they have left, sorted. */
async function connections(director: Namespace): Promise<readonly string[]> {
  const { stdout } = await director.ipvsadm('-Lcn');
  return stdout
    .split('\n')
    .slice(2, -1)
    .map((line) => line.replace(/\d+:\d\d/, 'mm:ss'))
    .sort();
}

/** Name and Conns of every row of --stats. */
async function stats(director: Namespace): Promise<readonly (readonly [string, number])[]> {
  const { stdout } = await director.ipvsadm('-Ln --stats');
  const rows = stdout.split('\n').slice(3, -1);
  return rows.map((row) => {
    const [, name = '', conns] = row.trim().split(/\s+/);
    return [name, Number(conns)] as const;
  });
}

/** ActiveConn and InActConn of every real server, as listed. */
async function boundConnections(
  director: Namespace,
): Promise<readonly { readonly active: number; readonly inactive: number }[]> {
  const { stdout } = await director.ipvsadm('-Ln');
  const rows = stdout.split('\n').filter((row) => / Route /.test(row));
  return rows.map((row) => {
    const [active, inactive] = row.trim().split(/\s+/).slice(-2).map(Number);
    return { active: active ?? -1, inactive: inactive ?? -1 };
  });
}
