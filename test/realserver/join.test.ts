/** `fairlead realserver join`, `leave` and `check` on a segment with real packets, by each way of ARP isolation. */

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
  const ends = await Promise.all(segment.servers.map((server) => server.realserver(words)));
  for (const { code, stderr } of ends) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
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
    await onBoth(`join --arp ${way} ${vip}`);

    const seen = await segment.ask(vip, times);
    expect(seen.claims).toEqual([directorMac]);
    expect(seen.holders).toEqual(Array(times).fill(directorMac));
    expect(turns).toContainEqual(seen.answers);
    expect(seen.askers.filter((address) => rips.includes(address))).toEqual(rips);

    await onBoth('leave');
    expect(await snapshots()).toEqual(before);
  });
});

test('in IPv6 the address on lo is silent by itself', async () => {
  await onBoth(`join --runtime ${vip6}`);
  const seen = await segment.ask(vip6, times);
  expect(seen.claims).toEqual([directorMac]);
  expect(turns).toContainEqual(seen.answers);
  await onBoth('leave');
});

describe('it refuses, in one line and with nothing done,', () => {
  const refused = async (words: string): Promise<string> => {
    const [rs1] = segment.servers;
    const before = await rs1.snapshot();
    const { code, stdout, stderr } = await rs1.realserver(`join ${words}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^fairlead: This machine cannot be made such a real server: [^\n]+\n$/);
    expect(await rs1.snapshot()).toBe(before);
    return stderr;
  };

  test('an address that two hosts answer for', async () => {
    const [, rs2] = segment.servers;
    await rs2.must(`ip address add ${vip}/32 dev lo`);
    expect(await refused(vip)).toContain(`answer for ${vip} on eth0, where only the director may`);
    await rs2.must(`ip address del ${vip}/32 dev lo`);
  });

  test('an address that somebody else than the director answers for, or a director that does not answer', async () => {
    expect(await refused('--director 192.0.2.1 192.0.2.250')).toContain(
      '02:00:c0:00:02:fa, which is not the director, answers for 192.0.2.250 on eth0',
    );
    expect(await refused(`--director 192.0.2.77 ${vip}`)).toContain(
      'the director 192.0.2.77 does not answer',
    );
    expect(await refused('--director 192.0.2.1 192.0.2.1')).toContain("is the director's own address");
  });

  test("the machine's own address, and another family than its own", async () => {
    expect(await refused('192.0.2.11')).toContain("is an address of the machine's own");
    const [rs1] = segment.servers;
    await rs1.must('ip -6 address flush dev eth0 scope global');
    expect(await refused(vip6)).toContain('is of IPv6, and no Ethernet interface here has an IPv6 address');
    await rs1.must('ip -6 address add 2001:db8:1::11/64 dev eth0 nodad');
  });
});

test('a machine that is not silent is told what is wrong, and after the cure that is said, it is well', async () => {
  const [rs1] = segment.servers;
  await rs1.must(`ip address add ${vip}/24 dev eth0`);
  const { code, stdout } = await rs1.realserver(`check --json ${vip}`);
  expect(code).toBe(1);
  const rows = JSON.parse(stdout) as readonly {
    readonly code: string;
    readonly state: string;
    readonly cure?: readonly string[];
  }[];
  const wrong = rows.filter(({ state }) => state === 'wrong');
  expect(wrong.map((row) => row.code)).toEqual(['vip-prefix', 'answers-arp', 'asks-in-its-name']);
  for (const line of wrong[0]?.cure ?? []) await rs1.must(line);
  expect((await rs1.realserver('check')).code).toBe(0);
  await rs1.must('fairlead realserver leave');
  expect((await rs1.realserver('check')).code).toBe(2);
});
