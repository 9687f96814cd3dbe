/**
 * A daemon that is killed while it carries another version's data plane over leaves a whole one, that version's or its
 * own, and whoever comes next goes on from there.
 */

import { beforeEach, expect, test } from 'vitest';
import { otherBuild } from './builds.ts';
import { daemonsOf } from './daemon.ts';
import { answer } from './load.ts';
import { command, createSegment, type Segment, sendDatagrams, vip } from './segment.ts';
import { bin, needsRoot } from './support.ts';
import { talkTo } from './talk.ts';

beforeEach(needsRoot);

const layout = 999;
/** esbuild may number names. */
const afterPrograms = /maps\d*\.tableIpv4\.awaitPrograms\(\)/;

test.each([
  ['before anything is copied', /yield\* carryWritten\d*\(/],
  ['between configuration and connections', /const entries\d* = yield\* pass\d*\(/],
  ['before programs are replaced', /isCopied\d* = true;/],
  ['between the programs and what is left there', afterPrograms],
  ['before the counters', /completed\d*\(carryCounters\d*\(/],
  ['before the anchor', /return attachAnchor\d*\(programs\d*\[anchorProgram\d*\]\);/],
])(
  'killed %s: packets are forwarded, and the next daemon of that version has everything',
  async (_, killedBefore) => {
    const segment = await serving();
    const { client, director } = segment;
    const talk = await talkTo(segment.client, vip, '7');
    const before = await listed(segment);

    expect(await upgraded(segment, otherBuild({ layout, killedBefore }).fairlead)).toMatchObject({ code: 1 });
    expect(daemonsOf(director.inode)).toEqual([]);
    await talk.exchange('in between');

    const { fairlead, ipvsadm } = otherBuild({ layout });
    expect(await upgraded(segment, fairlead)).toMatchObject({ code: 0, stderr: '' });
    await talk.exchange('afterwards');
    const after = await listed(segment, ipvsadm);
    expect(after.services).toBe(before.services);
    expect(after.connections).toEqual(before.connections);
    expect(after.datagrams).toEqual(before.datagrams);
    await sendDatagrams(client, 53, { count: 4, payload: 10, from: 41_000, spread: true });
    const more = await listed(segment, ipvsadm);
    expect(more.datagrams).toEqual(before.datagrams.map((count) => count + 4));
    expect(more.connections.length).toBe(before.connections.length + 4);
  },
);

test('killed with programs of both: a daemon of the version before makes its own whole again', async () => {
  const segment = await serving();
  const talk = await talkTo(segment.client, vip, '7');
  const before = await listed(segment);
  const killed = otherBuild({ layout, killedBefore: afterPrograms });
  expect(await upgraded(segment, killed.fairlead)).toMatchObject({ code: 1 });
  expect(await upgraded(segment, bin.fairlead)).toMatchObject({ code: 0 });
  await talk.exchange('afterwards');
  expect(await listed(segment)).toEqual(before);
});

async function serving(): Promise<Segment> {
  const segment = await createSegment('s2', 's3');
  const { client, director, servers } = segment;
  await command(director, `-A -t ${vip}:7 -s rr`);
  await command(director, `-A -u ${vip}:53 -s wlc -p 300`);
  for (const server of servers) {
    await answer(server);
    await command(director, `-a -t ${vip}:7 -r ${server.address}:7 -g`);
    await command(director, `-a -u ${vip}:53 -r ${server.address}:53 -g -w 3`);
  }
  await sendDatagrams(client, 53, { count: 20, payload: 10, from: 40_000, spread: true });
  return segment;
}

function upgraded({ director }: Segment, fairlead: string) {
  return director.run([fairlead, 'upgrade']);
}

/** But for the times that connections have left, and what the connection that talks counts. */
async function listed({ director }: Segment, ipvsadm: string = bin.ipvsadm) {
  const of = async (...words: readonly string[]) => (await director.run([ipvsadm, ...words])).stdout;
  const stats = await of('-Ln', '--stats', '--exact');
  return {
    services: await of('-S', '-n'),
    connections: (await of('-Lcn'))
      .split('\n')
      .slice(2, -1)
      .map((line) => line.replace(/ \d\d:\d\d /, ' '))
      .toSorted(),
    // Connections and packets of the service.
    datagrams: (/^UDP +\S+ +(\d+) +(\d+)/m.exec(stats) ?? []).slice(1).map(Number),
  };
}
