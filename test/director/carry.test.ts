/** An upgrade to a version that lays its data out differently: everything comes along, and packets are forwarded throughout. */

import { beforeEach, expect, test } from 'vitest';
import { FlLimit } from '../../src/dataplane/bpf/abi.gen.ts';
import { statusOf } from './daemon.ts';
import { answer, load } from './load.ts';
import { countsOfServices, withOtherVersion } from './other-layout.ts';
import { must } from './processes.ts';
import { command, createSegment, type Segment, type Server, sendDatagrams, vip } from './segment.ts';
import { bin, needsRoot } from './support.ts';
import { type Talk, talkTo } from './talk.ts';

const otherVersion = withOtherVersion();
const earlierVersion = withOtherVersion(FlLimit.FL_LIMIT_ABI_VERSION - 1, countsOfServices);

beforeEach(needsRoot);

test('under load, there and back twice: no request fails, connections live on, and each is counted once', async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director } = segment;
  await serve(segment, '-t', 7, '-s wlc', '-g');
  const talk = load(client, 'talk', vip, '7');
  const asks = load(client, 'ask', vip, '7', '2');
  for (const { fairlead } of [otherVersion(), bin, otherVersion(), bin]) {
    const outcome = await director.run([fairlead, 'upgrade']);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('programs replaced, 1 service, ');
  }
  const [talked, asked] = [await talk(), await asks()];
  expect(talked.failures).toEqual([]);
  expect(asked.failures).toEqual([]);
  const { stdout } = await director.ipvsadm('-Ln --stats --exact');
  expect(Number(/^TCP +\S+ +(\d+)/m.exec(stdout)?.[1])).toBe(asked.answered + 1);
}, 300_000);

test('without a packet meanwhile: whatever can be listed is as it was, there and back', async () => {
  const segment = await createSegment('s2', 's3', 's4');
  const { director } = segment;
  const talks = await everyKind(segment);
  const before = await listings(segment, bin);
  expect(before.connections.length).toBeGreaterThan(60);
  expect(before.stats).toMatch(/^TCP +172.25.138.100:8 +1 +[1-9]\d* +[1-9]/m); // replies are counted, too

  for (const version of [otherVersion(), bin]) {
    expect(await director.run([version.fairlead, 'upgrade'])).toMatchObject({ code: 0, stderr: '' });
    const after = await listings(segment, version);
    expect(after).toEqual(before);
  }

  for (const talk of talks.slice(0, 2)) await talk.exchange('and on');
  expect((await listings(segment, bin)).connections).toEqual(before.connections);
  // The real server that was removed comes back with the connection that it has had all the while.
  await command(director, `-a -t ${vip}:9 -r 172.25.138.3 -g`);
  await talks[2]?.exchange('and on');
  expect((await director.ipvsadm(`-Ln -t ${vip}:9`)).stdout).toMatch(/172.25.138.3:9 +Route +1 +1 /);
}, 300_000);

test('templates keep their clients, and one real server that is quiesced keeps those it had', async () => {
  const segment = await createSegment('s2', 's3', 's4');
  const { client, director } = segment;
  const other = otherVersion();
  await serve(segment, '-u', 53, '-s rr -p 300', '-g');
  const flows = (from: number) => sendDatagrams(client, 53, { count: 5, payload: 10, from, spread: true });
  await flows(40_000);
  const [bound] = await serversOf(segment, bin);
  await command(director, `-e -u ${vip}:53 -r ${bound}:53 -g -w 0`);
  expect(await director.run([other.fairlead, 'upgrade'])).toMatchObject({ code: 0 });
  await flows(41_000);
  expect(await serversOf(segment, other)).toEqual([bound]);
  expect(await director.run([bin.fairlead, 'upgrade'])).toMatchObject({ code: 0 });
  await flows(42_000);
  expect(await serversOf(segment, bin)).toEqual([bound]);
});

test('from a version in which services count by themselves: what they have counted, and from then on their real servers', async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director } = segment;
  expect(await director.run([earlierVersion().fairlead, 'load'])).toMatchObject({ code: 0 });
  await serve(segment, '-u', 53, '-s rr', '-g');
  const send = (from: number) => sendDatagrams(client, 53, { count: 6, payload: 10, from, spread: true });
  /** Of the service, and of its real servers by their addresses. */
  const packets = async () => {
    const { stdout } = await director.ipvsadm('-Ln --stats --exact');
    return [...stdout.matchAll(/:53 +\d+ +(\d+)/g)].map(([, received]) => Number(received));
  };
  await send(40_000);
  await command(director, `-d -u ${vip}:53 -r 172.25.138.3:53`);
  await send(41_000);
  expect(await director.run([bin.fairlead, 'upgrade'])).toMatchObject({ code: 0, stderr: '' });
  expect(await packets()).toEqual([24, 9]);

  await command(director, `-a -u ${vip}:53 -r 172.25.138.3:53 -g`);
  await send(42_000);
  expect(await packets()).toEqual([30, 12, 6]);
  await command(director, `-Z -u ${vip}:53`);
  await send(43_000);
  expect(await packets()).toEqual([6, 3, 3]);
}, 300_000);

type Tools = { readonly ipvsadm: string; readonly fairlead: string };

/** A service at a port of the VIP, of all real servers: an echo at their port 7, or whoever has the port. */
async function serve(
  { director, servers }: Segment,
  protocol: '-t' | '-u',
  port: number,
  how: string,
  ...settings: readonly string[]
): Promise<void> {
  await command(director, `-A ${protocol} ${vip}:${port} ${how}`);
  for (const [index, server] of servers.entries()) {
    if (protocol === '-t') await answer(server);
    const real = `${server.address}:${protocol === '-t' ? 7 : port}`;
    await command(director, `-a ${protocol} ${vip}:${port} -r ${real} ${settings[index % settings.length]}`);
  }
}

/** Of everything that a data plane holds some, and three connections: by direct routing, translated, of a removed server. */
async function everyKind(segment: Segment): Promise<readonly Talk[]> {
  const { client, director } = segment;
  const [server2, server3] = segment.servers as [Server, Server];
  await command(director, '--set 3600 1800 900');
  await command(director, '--start-daemon backup --syncid 5 --mcast-interface lo');
  const mark = `mark add 7 --destination ${vip}/32 --protocol udp --ports 60:69`;
  for (const words of ['sysctl -w expire_quiescent_template=1', 'interface eth0 tc', mark])
    expect(await director.fairlead(words)).toMatchObject({ code: 0 });
  await serve(segment, '-t', 7, '-s wlc', '-g -w 5', '-g -w 3 -x 100 -y 50', '-g -w 0');
  await serve(segment, '-u', 53, '-s rr -p 300 -M 255.255.255.0', '-g -w 2');
  await serve(segment, '-u', 54, '-s sh -b sh-port', '-g', '-i');
  await serve(segment, '-u', 55, '-s lblcr', '-g');
  await command(director, '-A -f 7 -s mh');
  await command(director, '-a -f 7 -r 172.25.138.3:0 -g -w 4');
  for (const [index, port] of [53, 54, 55, 60].entries())
    await sendDatagrams(client, port, { count: 16, payload: 90, from: 40_000 + index * 100, spread: true });
  await command(director, `-Z -u ${vip}:54`);
  await sendDatagrams(client, 54, { count: 3, payload: 90, from: 45_000, spread: true });

  await command(director, `-A -t ${vip}:8 -s rr`);
  await command(director, `-a -t ${vip}:8 -r ${server2.address}:7 -m`);
  await must(['ip', '-n', server2.name, 'route', 'add', '172.25.138.250/32', 'via', '172.25.138.1']);
  await answer(server3, 9);
  await command(director, `-A -t ${vip}:9 -s rr`);
  await command(director, `-a -t ${vip}:9 -r 172.25.138.3 -g`);
  const talks = [
    await talkTo(client, vip, '7'),
    await talkTo(client, vip, '8'),
    await talkTo(client, vip, '9'),
  ];
  await command(director, `-d -t ${vip}:9 -r 172.25.138.3`);
  return talks;
}

/** As this version's tools list it, but for how long connections have left. */
async function listings({ director }: Segment, { ipvsadm, fairlead }: Tools) {
  const of = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await director.run(words);
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    return stdout;
  };
  const list = (words: string) => of(ipvsadm, '-L', '-n', ...words.split(' ').filter((word) => word !== ''));
  return {
    saved: await of(ipvsadm, '-S', '-n'),
    services: await list(''),
    stats: await list('--stats --exact'),
    thresholds: await list('--thresholds'),
    templates: await list('--persistent-conn'),
    timeouts: await list('--timeout'),
    daemons: await list('--daemon'),
    connections: entriesIn(await list('-c')),
    sysctls: await of(fairlead, 'sysctl'),
    marks: await of(fairlead, 'mark', 'list'),
    interfaces: (await statusOf(director)).interfaces,
  };
}

function entriesIn(listing: string): readonly string[] {
  const lines = listing.split('\n').slice(2, -1);
  return lines.map((line) => line.replace(/ \d+:\d\d /, ' ')).toSorted();
}

/** Those that have connections. */
async function serversOf({ director }: Segment, { ipvsadm }: Tools): Promise<readonly string[]> {
  const { stdout } = await director.run([ipvsadm, '-L', '-n', '-c']);
  const found = entriesIn(stdout).map((line) => /(\S+):\d+ *$/.exec(line)?.[1] ?? line);
  return [...new Set(found)];
}
