/**
 * Debian's ldirectord, unmodified, drives Fairlead's ipvsadm; real servers die and come back, and what it leaves
 * in the table, and what a client gets, is looked at each time. One ldirectord lives through all of it: each test
 * gives it a configuration, by a reload.
 */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { obstacle } from '../support/privileged.ts';
import {
  configuration,
  isDebians,
  type Ldirectord,
  ldirectordObstacle,
  ldirectordOn,
  program,
  type Settings,
} from './ldirectord.ts';
import { debianMachine, type Machine } from './machine.ts';
import { type Held, linesOf, type Network, openNetwork, shell } from './network.ts';
import { transcript } from './transcript.ts';

const story = transcript(
  'ldirectord on Fairlead',
  `Debian's ldirectord, unmodified, with Fairlead's \`ipvsadm\` as /usr/sbin/ipvsadm: what it leaves in the table
and what a client gets, moment by moment. rs1 and rs2 are real servers, the fallback is the director itself. The
director holds the IPv6 virtual address with \`preferred_lft 0\`: its own checks would else come from that address,
which the real servers hold as well, and never be answered.
Written by \`FAIRLEAD_TRANSCRIPT=docs/interop-ldirectord.md npm test -- test/interop/ldirectord\`, which checks each
of these moments.`,
);

let network: Network;
let machine: Machine;
let ldirectord: Ldirectord;
let reason: string | undefined;

beforeAll(async () => {
  reason = obstacle() ?? (await ldirectordObstacle());
  if (reason !== undefined) return;
  network = await openNetwork();
  machine = await debianMachine(network.director, program);
  ldirectord = await ldirectordOn(machine);
});

afterAll(async () => {
  if (network === undefined) return;
  story.write();
  expect(await network.lab.close()).toEqual([]);
});

beforeEach(async (context) => {
  context.skip(reason !== undefined, reason);
  story.chapter(context.task.name);
  const { rs1, rs2 } = network.servers;
  await Promise.all([rs1.serve(), rs2.serve()]);
  rs1.page('alive.html', 'OK rs1');
});

const web = 'TCP 192.0.2.100:80 rr';
const datagrams = 'UDP [2001:db8:1::100]:53 rr ops';
const bothWeb = ['192.0.2.11:80 Route 1', '192.0.2.12:80 Route 1'];
const bothDatagrams = ['[2001:db8:1::11]:53 Route 1', '[2001:db8:1::12]:53 Route 1'];
const whole = { [web]: bothWeb, [datagrams]: bothDatagrams };

type Table = Readonly<Record<string, readonly string[]>>;

/** A listing of `ipvsadm -Ln` without its counters: by service, the servers in the order of their addresses. */
function tableOf(listing: string): Table {
  const services: Record<string, string[]> = {};
  let servers: string[] = [];
  for (const line of linesOf(listing).slice(3)) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '->') servers.push(words.slice(1, -2).join(' '));
    else {
      servers = [];
      services[words.join(' ')] = servers;
    }
    servers.sort();
  }
  return services;
}

/** Waits until the table is like this, and tells in the story when that was and what it looks like. */
async function becomes(when: string, expected: Table): Promise<void> {
  let listing = '';
  const table = async () => {
    listing = await shell(machine, 'ipvsadm -Ln');
    return tableOf(listing);
  };
  await expect.poll(table, { timeout: 60_000, interval: 300 }).toEqual(expected);
  story.say(when);
  story.show(`director# ipvsadm -Ln\n${listing}`);
}

/** Four pages and four datagrams, as the client gets them. */
async function clientSees(): Promise<{ readonly pages: string; readonly datagrams: string }> {
  const [pages, answers] = await Promise.all([network.client.pages(), network.client.datagrams()]);
  const seen = { pages: pages.join(' '), datagrams: answers.join(' ') };
  story.show(`client# four pages from 192.0.2.100, four datagrams to [2001:db8:1::100]:53
pages:     ${seen.pages}
datagrams: ${seen.datagrams}`);
  return seen;
}

/** Finishes connections; answers which servers have sent their page, and at the end who has not. */
async function servedBy(held: readonly Held[]): Promise<readonly (string | undefined)[]> {
  const ends = await Promise.all(held.map(({ finish }) => finish()));
  return ends.map((text) => /^rs\d$/m.exec(text)?.[0]).sort();
}

const byTurns = expect.stringMatching(/^(rs1 rs2 rs1 rs2|rs2 rs1 rs2 rs1)$/);
const all = (name: string): string => `${name} ${name} ${name} ${name}`;

/** Has all real servers well and ldirectord running with these settings. */
async function under(settings: Settings = {}): Promise<void> {
  const text = configuration(settings);
  if (ldirectord.pid() === 0) await configured(text, 'start', atStart);
  else if (ldirectord.configured() !== text) await configured(text, 'reload', /Changed virtual server: \[/);
  await becomes('All real servers are well.', whole);
}

async function configured(text: string, command: 'start' | 'reload', says: RegExp): Promise<void> {
  ldirectord.configure(text);
  story.show(`director# cat /etc/ha.d/lvs.cf\n${text}`);
  story.show(`director# ldirectord lvs.cf ${command}`);
  await ldirectord.after(() => ldirectord.command(command), says);
}

/** The last server that it adds. */
const atStart = /Added real server: \[2001:db8:1::12\]/;

const thresholds = () => shell(machine, 'ipvsadm -Ln --thresholds');

test("the script is octet for octet the one of Debian's package", () => {
  expect(isDebians()).toBe(true);
});

test('every real server that is well takes part, with its thresholds, and clients reach them by turns', async () => {
  await under();
  expect(await clientSees()).toEqual({ pages: byTurns, datagrams: byTurns });
  expect(await thresholds()).toMatch(/^ {2}-> 192\.0\.2\.11:80 +50 +20 /m);
  expect(await ldirectord.command('status')).toContain(`running with pid: ${ldirectord.pid()}`);
});

test('a real server with a wrong page is taken out with its connections, and comes back', async () => {
  await under();
  const held = [await network.client.hold(), await network.client.hold()];

  network.servers.rs1.page('alive.html', 'Sorry');
  const withoutFirst = { [web]: bothWeb.slice(1), [datagrams]: bothDatagrams };
  await becomes('The page of rs1 that is checked does not say OK any more.', withoutFirst);
  expect(await clientSees()).toEqual({ pages: all('rs2'), datagrams: byTurns });
  expect(await servedBy(held)).toEqual(['rs2', undefined]);

  network.servers.rs1.page('alive.html', 'OK again');
  await becomes('It says OK again.', whole);
  expect(await clientSees()).toEqual({ pages: byTurns, datagrams: byTurns });
});

test('when all real servers are dead the fallback serves, until one is back', async () => {
  await under();
  const { rs1, rs2 } = network.servers;
  await Promise.all([rs1.die(), rs2.die()]);
  const fallback = { [web]: ['127.0.0.1:80 Route 1'], [datagrams]: ['[::1]:53 Route 1'] };
  await becomes('All real servers are dead.', fallback);
  expect(await clientSees()).toEqual({ pages: all('director'), datagrams: all('director') });

  await rs1.serve();
  const first = { [web]: bothWeb.slice(0, 1), [datagrams]: bothDatagrams.slice(0, 1) };
  await becomes('rs1 is back.', first);
  expect(await clientSees()).toEqual({ pages: all('rs1'), datagrams: all('rs1') });
});

test('a quiescent real server stays with weight 0, keeps its connections and gets no new ones', async () => {
  await under({ quiescent: 'yes' });
  const held = [await network.client.hold(), await network.client.hold()];

  network.servers.rs1.page('alive.html', 'Sorry');
  const quiescent = { [web]: ['192.0.2.11:80 Route 0', '192.0.2.12:80 Route 1'], [datagrams]: bothDatagrams };
  await becomes('The page of rs1 that is checked does not say OK any more.', quiescent);
  expect(await thresholds()).toMatch(/^ {2}-> 192\.0\.2\.11:80 +0 +0 /m);
  expect(await clientSees()).toEqual({ pages: all('rs2'), datagrams: byTurns });
  expect(await servedBy(held)).toEqual(['rs1', 'rs2']);

  network.servers.rs1.page('alive.html', 'OK again');
  await becomes('It says OK again.', whole);
  expect(await thresholds()).toMatch(/^ {2}-> 192\.0\.2\.11:80 +50 +20 /m);
});

test('a reload changes what the configuration has changed, and nothing else', async () => {
  await under({ quiescent: 'yes' });
  const held = await network.client.hold();
  const web = ['persistent=60', 'netmask=255.255.255.0'];
  const changed: Settings = { autoreload: 'yes', scheduler: 'wrr', second: '3', web, datagrams: false };
  await configured(configuration(changed), 'reload', /Changed virtual server: /);
  await becomes('Weights and persistence for the web, and no datagrams.', {
    'TCP 192.0.2.100:80 wrr persistent 60 mask 255.255.255.0': [
      '192.0.2.11:80 Route 1',
      '192.0.2.12:80 Route 3',
    ],
  });
  // Datagrams to the virtual address are for the director itself now.
  expect(await clientSees()).toEqual({
    pages: expect.stringMatching(/^(rs\d)( \1){3}$/),
    datagrams: all('director'),
  });
  expect(await held.finish()).toMatch(/^rs\d$/m);

  ldirectord.configure(configuration(standing));
  await becomes('The first configuration again, found by autoreload.', whole);
  expect(await clientSees()).toEqual({ pages: byTurns, datagrams: byTurns });
});

/** Stays when ldirectord goes. */
const standing: Settings = { autoreload: 'yes', cleanstop: 'no' };

test('without cleanstop the table stays and serves on, and the next start takes it over', async () => {
  await under(standing);
  await ldirectord.command('stop');
  await ldirectord.gone();
  await becomes('After `ldirectord lvs.cf stop`.', whole);
  expect(await clientSees()).toEqual({ pages: byTurns, datagrams: byTurns });
  const before = await shell(machine, 'ipvsadm -Ln --stats');

  const log = ldirectord.log();
  await configured(configuration(), 'start', /Changed virtual server: \[/);
  await becomes('Taken over.', whole);
  expect(await shell(machine, 'ipvsadm -Ln --stats')).toBe(before);
  expect(ldirectord.log().slice(log.length)).not.toMatch(/(Added|Deleted|Purged) real/);
});

test('TERM takes away what ldirectord has brought, and leaves the services of others alone', async () => {
  await under();
  await shell(machine, 'ipvsadm -A -f 7 -s rr');
  process.kill(ldirectord.pid(), 'SIGTERM');
  await ldirectord.gone();
  await becomes('After TERM, beside a service that somebody has made by hand.', { 'FWM 7 rr': [] });
  expect(ldirectord.log()).toContain('Linux Director Daemon terminated on signal: TERM');
  // It logs each ipvsadm that does not succeed.
  expect(ldirectord.log()).not.toContain('failed');
});
