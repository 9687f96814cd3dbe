/** What becomes of flows and connections of a real server whose check fails, or that somebody removes: real packets. */

import { beforeEach, expect, test } from 'vitest';
import { must, until as within } from '../director/processes.ts';
import { createSegment, type Segment, type Server, vip } from '../director/segment.ts';
import { needsRoot, root } from '../director/support.ts';
import { apply, kill, serve, untilState } from './servers.ts';

beforeEach(needsRoot);

const port = 7000;
const vip6 = 'fd25:138::100';
const script = `${root}test/health/talk.mjs`;

/** Long: this machine may have other things to do. */
function until<T>(what: string, ask: () => T | Promise<T>) {
  return within(what, ask, 30_000);
}

type Talk = {
  /** What was printed so far, a line each. */
  readonly lines: () => readonly string[];
  readonly say: (text: string) => void;
};

function talk(where: Pick<Server, 'start'>, ...words: readonly string[]): Talk {
  const { child } = where.start(process.execPath, script, ...words);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    lines: () => text.split('\n').slice(0, -1),
    say: (line) => child.stdin?.write(line),
  };
}

/**
 * Real servers are fd25:138::2, ::3, … as well, and the client ::250. The director's own packets must not come from the
 * virtual address, which real servers would answer to themselves: without a preferred lifetime it is nobody's choice.
 */
async function addIpv6({ client, director, servers }: Segment): Promise<void> {
  const add = (where: { readonly name: string }, address: string, device: string, ...more: string[]) =>
    must(['ip', '-n', where.name, 'address', 'add', address, 'dev', device, 'nodad', ...more]);
  await add(client, 'fd25:138::250/64', 'eth0');
  await add(director, 'fd25:138::1/64', 'eth0');
  await add(director, `${vip6}/64`, 'eth0', 'preferred_lft', '0');
  for (const [index, server] of servers.entries()) {
    await add(server, `fd25:138::${index + 2}/64`, 'eth0');
    await add(server, `${vip6}/128`, 'lo');
  }
}

/** Real servers that talk on port 7000 of a VIP, and a page on port 80 that is what their checks ask for. */
async function setUp(protocol: 'udp' | 'tcp', more = '', address = vip) {
  const segment = await createSegment('s2', 's3');
  const { director, servers } = segment;
  if (address === vip6) await addIpv6(segment);
  const pages = servers.map((server) => serve(server));
  const services = servers.map((server) => talk(server, 'serve', address, String(port), server.label));
  for (const service of services) await until('it listens', () => service.lines().includes('ready'));
  await apply(
    director,
    `
services:
  - ${protocol}: "${address === vip6 ? `[${vip6}]` : vip}:${port}"
    scheduler: rr
    checks: [{tcp: {}, port: 80, interval: 1s, timeout: 1s, fall: 2, rise: 2, via: rip}]
    ${more}
    servers: [${network(address)}2, ${network(address)}3]
`,
  );
  const placeOf = (label: string | undefined): number => servers.findIndex((each) => each.label === label);
  return {
    segment,
    /** By label: the real server's check fails from now on, what talks there goes on. */
    async fail(label: string | undefined): Promise<Server> {
      const [server, page] = [servers[placeOf(label)], pages[placeOf(label)]];
      if (!server || !page) throw new Error(`there is no ${label}`);
      await kill(server, page);
      return server;
    },
    /** Of the real server with this label. */
    heardBy: (label: string | undefined) => services[placeOf(label)]?.lines() ?? [],
  };
}

function network(address: string): string {
  return address === vip6 ? 'fd25:138::' : '172.25.138.';
}

/** A connection that a real server has answered once: it is established, and silent from then on. */
async function connected({ client }: Segment, address = vip): Promise<Talk & { readonly label: string }> {
  const open = talk(client, 'tcp', address, String(port));
  await until('it is connected', () => open.lines().includes('connected'));
  open.say('?');
  const label = await until('it was answered', () => open.lines()[1]);
  return { ...open, label };
}

test('a flow of UDP leaves a real server that fails, and goes on at another one with the next datagram', async () => {
  const { segment, fail } = await setUp('udp');
  const flow = talk(segment.client, 'udp', vip, String(port));
  const first = await until('it is answered', () => flow.lines()[0]);
  const failing = await fail(first);
  await until('another one answers', () => flow.lines().some((label) => label !== first));
  await untilState(segment.director, failing.address, 'down');
  const labels = flow.lines();
  const moved = labels.findIndex((label) => label !== first);
  // It still answers whoever asks it: that the flow has left is the director's doing alone, and for good.
  await until('the flow goes on', () => flow.lines().length > labels.length + 10);
  expect(new Set(flow.lines().slice(0, moved))).toEqual(new Set([first]));
  expect(new Set(flow.lines().slice(moved))).toEqual(new Set([first === 's2' ? 's3' : 's2']));
  const entries = (await segment.director.ipvsadm('-Lnc')).stdout
    .split('\n')
    .filter((line) => /UDP/.test(line));
  expect(entries, 'one flow, one entry').toHaveLength(1);
}, 120_000);

test.each([vip, vip6])(
  'with reset_connections a client that says nothing is reset when its real server fails (%s)',
  async (address) => {
    const { segment, fail } = await setUp('tcp', 'reset_connections: true', address);
    const [one, other] = [await connected(segment, address), await connected(segment, address)];
    expect(one.label).not.toBe(other.label);
    await fail(one.label);
    await until('its client is reset', () => one.lines().includes('closed'));
    expect(one.lines().slice(2)).toEqual(['error ECONNRESET', 'closed']);
    other.say('?');
    await until('the other one goes on', () => other.lines().length === 3);
    expect(other.lines()).toEqual(['connected', other.label, other.label]);
  },
  120_000,
);

test('without it a connection goes on where it is, with on_failure: quiesce', async () => {
  const { segment, fail, heardBy } = await setUp('tcp', 'on_failure: quiesce');
  const open = await connected(segment);
  const { address } = await fail(open.label);
  await untilState(segment.director, address, 'down');
  open.say('?');
  await until('it is answered', () => open.lines().length === 3);
  expect(open.lines()).toEqual(['connected', open.label, open.label]);
  expect(heardBy(open.label)).toEqual(['ready']);
}, 120_000);

test('without it a connection waits for the end of the failure, as IPVS has it, with on_failure: remove', async () => {
  const { segment, fail, heardBy } = await setUp('tcp');
  const open = await connected(segment);
  const server = await fail(open.label);
  await untilState(segment.director, server.address, 'down');
  open.say('?');
  await until('its segment was dropped', async () =>
    /server_removed/.test((await segment.director.fairlead('drops')).stdout),
  );
  expect(open.lines()).toEqual(['connected', open.label]);
  serve(server);
  await until('it is answered', () => open.lines().length === 3);
  expect(open.lines()).toEqual(['connected', open.label, open.label]);
  expect(heardBy(open.label)).toEqual(['ready']);
}, 120_000);
