/** `fairlead realserver join` and `leave` on a segment with real packets, by each way of ARP isolation. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ways } from '../../src/realserver/join/wanted.ts';
import { obstacle } from '../support/privileged.ts';
import { directorMac, openSegment, type Segment, vip, vip6 } from './segment.ts';

let segment: Segment;
const reason = obstacle();

beforeAll(async () => {
  if (reason === undefined) segment = await openSegment();
});
afterAll(async () => {
  if (segment !== undefined) expect(await segment.lab.close()).toEqual([]);
});
beforeEach((context) => context.skip(reason !== undefined, reason));

const times = 4;
const turns = [
  ['rs2', 'rs1', 'rs2', 'rs1'],
  ['rs1', 'rs2', 'rs1', 'rs2'],
];
const rips = ['192.0.2.11', '192.0.2.12'];

async function onBoth(words: string): Promise<void> {
  for (const server of segment.servers) {
    const { code, stderr } = await server.realserver(words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
}

const snapshots = (): Promise<readonly string[]> =>
  Promise.all(segment.servers.map((each) => each.snapshot()));

test('without it, real servers answer for the address and ask in its name: the tests that follow would see it', async () => {
  const lines = (verb: string) => `ip addr ${verb} ${vip}/32 dev lo`;
  await Promise.all(segment.servers.map((server) => server.must(lines('add'))));
  const { claims } = await segment.ask(vip, times);
  expect(claims).toContain('02:00:c0:00:02:0b');
  expect(claims).toContain('02:00:c0:00:02:0c');
  await Promise.all(segment.servers.map((server) => server.must(lines('del'))));
});

describe('joined by', () => {
  test.for(ways)('%s, it keeps quiet and serves; having left, the machine is what it was', async (way) => {
    const before = await snapshots();
    await onBoth(`join --arp ${way} ${vip} ${vip6}`);

    const seen = await segment.ask(vip, times);
    expect(seen.claims).toEqual([directorMac]);
    expect(seen.holders).toEqual(Array(times).fill(directorMac));
    expect(turns).toContainEqual(seen.answers);
    expect(seen.askers.filter((address) => rips.includes(address))).toEqual(rips);

    const seen6 = await segment.ask(vip6, times);
    expect(seen6.claims).toEqual([directorMac]);
    expect(turns).toContainEqual(seen6.answers);

    await onBoth('leave');
    expect(await snapshots()).toEqual(before);
  });
});
