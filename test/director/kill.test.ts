/** `kill -9` of the daemon costs nothing: forwarding goes on, and the next one finds all as it was. */

import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { daemonsOf, killDaemon, statusOf } from './daemon.ts';
import { until } from './processes.ts';
import { command, createSegment, type Segment, sendDatagrams, serveNames, vip } from './segment.ts';
import { type Namespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

const kills = 10;
const firstPort = 20_000;

test(`requests are answered while the daemon is killed ${kills} times, and the counts add up`, async () => {
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  await serveNames(segment, 'rr');

  const load = askOneByOne(segment);
  const tenMore = async (when: string): Promise<void> => {
    const before = load.answers().length;
    await until(`ten answers ${when}`, () => load.answers().length >= before + 10, 15_000);
  };
  const pids = new Set<number>();
  for (let round = 0; round < kills; round++) {
    await tenMore('with a daemon');
    pids.add(await killDaemon(director));
    await tenMore('without one');
    expect(daemonsOf(director.inode)).toEqual([]);
    expect((await director.ipvsadm('-Ln')).code).toBe(0);
  }
  expect(pids.size).toBe(kills);

  const given = await load.end();
  const right = servers.map(({ label }) => label);
  expect(given.filter((answer) => !right.includes(answer))).toEqual([]);
  const shares = right.map((label) => given.filter((answer) => answer === label).length);
  expect(shares.toSorted()).toEqual([Math.floor(given.length / 2), Math.ceil(given.length / 2)]);

  expect(await stats(director)).toEqual([
    [`${vip}:80`, given.length],
    ...servers.map(({ address }, at) => [`${address}:80`, shares[at]]),
  ]);
  const bound = await boundConnections(director);
  expect(bound.map(({ active, inactive }) => active + inactive)).toEqual(shares);
  const entries = (await director.ipvsadm('-Lcn')).stdout.split('\n').slice(2, -1);
  expect(entries.length).toBe(given.length);
  const sources = new Set(entries.map((line) => line.split(/\s+/)[3]));
  expect(sources.size).toBe(given.length);
  expect((await statusOf(director)).connections.count).toBe(given.length);
}, 120_000);

describe('with the daemon killed and nobody calling', () => {
  test('new connections are balanced all the same, and the next command counts them', async () => {
    const segment = await createSegment('s2', 's3');
    const { director } = segment;
    await serveNames(segment, 'rr');
    await killDaemon(director);
    await sleep(3_000); // longer than anything the kernel keeps of a real server's way
    const load = askOneByOne(segment);
    await until('forty answers', () => load.answers().length >= 40);
    const answers = await load.end();
    expect(daemonsOf(director.inode)).toEqual([]);
    expect(answers).toEqual(answers.map((_, at) => (answers.indexOf('s2') % 2 === at % 2 ? 's2' : 's3')));
    expect((await stats(director))[0]).toEqual([`${vip}:80`, answers.length]);
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
    const { client, director } = await createSegment('s2');
    await command(director, `-A -u ${vip}:53 -s rr`);
    await command(director, `-a -u ${vip}:53 -r 172.25.138.2 -g`);
    await command(director, '--set 0 0 1');
    await sendDatagrams(client, 53, { count: 1, payload: 100, from: 40_000 });
    await killDaemon(director);
    await sleep(2_500); // the entry lasts a second
    expect(await boundConnections(director)).toEqual([{ active: 0, inactive: 0 }]);
    expect(await connections(director)).toEqual([]);
    expect((await statusOf(director)).connections.count).toBe(0);
    expect((await stats(director))[0]).toEqual([`${vip}:53`, 1]);
  });
});

type Load = {
  /** What has come so far. */
  answers(): readonly string[];
  /** Ends it; answers all that has come. */
  end(): Promise<readonly string[]>;
};

const script = `${root}test/director/pages.mjs`;

/** One request after the other, each from a port of its own, until it is ended. */
function askOneByOne({ client }: Segment): Load {
  const { child } = client.start(process.execPath, script, vip, String(firstPort));
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const answers = (): readonly string[] => text.split('\n').slice(0, -1);
  return {
    answers,
    end: async () => {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.stdin?.end();
      await closed;
      return answers();
    },
  };
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
