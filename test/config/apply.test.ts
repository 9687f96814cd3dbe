/** A configuration file against a director at work: what stays is not touched, and half of a change never happens. */

import { dirname } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { until } from '../director/processes.ts';
import { createSegment, type Segment, serveNames, vip } from '../director/segment.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot } from '../director/support.ts';

beforeEach(needsRoot);

/** `fairlead WORDS`, with a file on standard input. */
async function fairlead(namespace: Namespace, words: string, input = '') {
  return await namespace.run([bin.fairlead, ...words.split(' ')], { input });
}

async function apply(namespace: Namespace, file: string): Promise<string> {
  const { code, stdout, stderr } = await fairlead(namespace, 'apply -', file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Everything a configuration is about, as one text. */
async function stateOf(namespace: Namespace): Promise<string> {
  const exported = await fairlead(namespace, 'export');
  const addresses = await namespace.must('ip', '-o', 'address');
  return exported.stdout + addresses.replace(/ +valid_lft.*| tentative/g, '');
}

describe('with connections under way', () => {
  test('what stays goes on as if nothing had happened, and weights set by hand stay, too', async () => {
    const segment = await createSegment('s2', 's3');
    const { client, director } = segment;
    await serveNames(segment, 'rr');
    const talk = await openTalk(segment);
    await director.ipvsadm(`-e -t ${vip}:80 -r 172.25.138.3:80 -g -w 7`);

    const done = await apply(
      director,
      `
sysctls: {expire_nodest_conn: 1}
services:
  - tcp: ${vip}:80
    scheduler: wrr
    persistence: 5m
    servers: [172.25.138.2, {address: 172.25.138.3, upper_threshold: 900}, 172.25.138.4]
  - udp: ${vip}:53
    servers: [172.25.138.2]
`,
    );
    expect(done).toBe(
      'done: 1 service to add, 1 service to change, 2 real servers to add, 1 real server to change, sysctls to set\n',
    );
    const table = (await director.ipvsadm('-Ln')).stdout;
    expect(table).toContain('TCP  172.25.138.100:80 wrr persistent 300\n');
    expect(table).toMatch(/172\.25\.138\.3:80 +Route +7 /);
    expect(table.match(/Route +\d+ +1 +0/g)?.length, 'the connection is still counted').toBe(1);
    const counted = await statsOf(director);
    expect(counted.some((connections) => connections > 0)).toBe(true);
    expect(await talk.ask()).toMatch(/^s[23]\n$/);

    const removed = `services:\n  - {tcp: "${vip}:80", servers: [172.25.138.2, 172.25.138.3]}\n`;
    await apply(director, removed);
    expect((await director.ipvsadm('-Ln')).stdout).not.toContain('UDP');
    expect((await client.run(['curl', '-sm', '2', `http://${vip}/`])).stdout).toMatch(/^s[23]\n$/);
  });
});

/** A connection through the director that has not asked anything yet. */
async function openTalk({ client, director }: Segment) {
  const { child } = client.start('busybox', 'nc', vip, '80');
  let heard = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await until('the connection is there', async () =>
    / +1 +0 +\n/.test((await director.ipvsadm('-Ln')).stdout),
  );
  return {
    async ask(): Promise<string> {
      child.stdin?.write('GET / HTTP/1.0\r\n\r\n');
      await until('the answer is there', () => /s\d\n$/.test(heard));
      return heard.slice(-3);
    },
  };
}

/** Connections that were ever counted, by real server. */
async function statsOf(director: Namespace): Promise<readonly number[]> {
  const { stdout } = await director.ipvsadm('-Ln --stats');
  return [...stdout.matchAll(/^ {2}-> \S+ +(\d+)/gm)].map(([, count]) => Number(count));
}

const whole = `
vips:
  eth0: [192.0.2.10, "2001:db8::10"]
sysctls: {conn_reuse_mode: 3, drop_entry: 1}
timeouts: {udp: 1m}
marks:
  - {mark: 7, destination: 192.0.2.7, protocol: tcp, ports: [80, 443]}
services:
  - tcp: [192.0.2.10:80, 192.0.2.10:443]
    scheduler: wrr
    servers: [10.0.0.11, {address: 10.0.0.12, weight: 3}]
  - {udp: "[2001:db8::10]:53", scheduler: mh, flags: [mh-port], one_packet: true, servers: ["fd00::11"]}
  - mark: 7
    persistence: {timeout: 5m, netmask: 24}
    servers: [{address: 10.0.0.11, method: ipip, tunnel: {type: gue, port: 6080}, upper_threshold: 100}]
`;

test('all of a file is there after one command, exported it changes nothing, and nothing is left without it', async () => {
  const namespace = await createNamespace('whole');
  await addInterface(namespace, 'eth0', '10.0.0.1/24');
  const before = await stateOf(namespace);
  await apply(namespace, whole);
  expect(await apply(namespace, whole)).toBe('nothing to change\n');
  expect(await namespace.must('ip', '-o', 'address', 'show', 'eth0')).toMatch(
    /192\.0\.2\.10\/32 .*2001:db8::10\/128/s,
  );

  const { stdout: exported } = await fairlead(namespace, 'export');
  expect((await fairlead(namespace, 'plan --exit-code -', exported)).code).toBe(0);
  const nothing =
    'vips: {}\nmarks: []\nsysctls: {conn_reuse_mode: 1, drop_entry: 0}\ntimeouts: {udp: 5m}\nservices: []\n';
  await apply(namespace, nothing);
  expect(await stateOf(namespace)).toBe(before);
  await apply(namespace, exported);
  expect((await fairlead(namespace, 'export')).stdout).toBe(exported);
});

test('an export of what no file may ask for says so, and what would be refused', async () => {
  const namespace = await createNamespace('export');
  await apply(
    namespace,
    'services: [{tcp: "192.0.2.10:80", checks: [{file: {path: /x}}], quorum: 2, servers: [10.0.0.11, 10.0.0.12]}]\n',
  );
  expect(await namespace.fairlead('export')).toMatchObject({ code: 0, stderr: '' });
  await namespace.ipvsadm('-d -t 192.0.2.10:80 -r 10.0.0.12');
  const { code, stdout, stderr } = await namespace.fairlead('export');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^what runs would be refused as a file:\noutput:\d+:\d+: the quorum, 2, can never be reached: .*\n$/,
    ),
  ]);
  const refused = await fairlead(namespace, 'plan -', stdout);
  expect([refused.code, refused.stderr]).toEqual([1, stderr.replace(/^.*\noutput/, '-')]);
});

test('the commands of a plan, piped into a shell, make of a director what applying makes of another', async () => {
  const [typed, applied] = [await createNamespace('typed'), await createNamespace('applied')];
  for (const namespace of [typed, applied]) {
    await addInterface(namespace, 'eth0', '10.0.0.1/24');
    // Somebody else's, which the file makes Fairlead's.
    await namespace.must('ip', 'address', 'add', '192.0.2.10/32', 'dev', 'eth0');
  }
  const checked = whole.replace('- tcp: [', '- checks: [{tcp: {}}]\n    tcp: [');
  await apply(applied, checked);

  const { stdout: commands } = await fairlead(typed, 'plan --commands -', checked);
  expect(commands).toMatch(/^# health checks, .*`fairlead apply` alone$/m);
  const env = { ...process.env, PATH: `${dirname(bin.fairlead)}:${process.env['PATH']}` };
  const shell = await typed.run(['sh', '-e'], { input: commands, env });
  expect(shell).toMatchObject({ code: 0, stderr: '' });

  const stateAsTyped = async (of: Namespace) => [
    (await of.ipvsadm('-Sn')).stdout,
    (await of.fairlead('sysctl')).stdout,
    (await of.fairlead('mark list')).stdout,
    (await of.must('ip', '-o', 'address', 'show', 'dev', 'eth0', 'scope', 'global')).replace(/^\d+: /gm, ''),
  ];
  expect(await stateAsTyped(typed)).toEqual(await stateAsTyped(applied));
  const { stdout: left } = await fairlead(typed, 'plan -', checked);
  expect(left.replace(/^\+ (vip|health checks) .*\n/gm, ''), 'what is left to apply').toBe('');
});

describe('a step that fails', () => {
  test('takes all others back: services, settings, marks and addresses are as they were', async () => {
    const namespace = await createNamespace('rollback');
    await addInterface(namespace, 'eth0', '10.0.0.1/24');
    await apply(namespace, whole);
    // Somebody else's, which the file makes Fairlead's.
    for (const address of ['192.0.2.98/32', '2001:db8::98/64'])
      await namespace.must('ip', 'address', 'add', address, 'dev', 'eth0');
    const before = await stateOf(namespace);
    const failing = `
vips: {eth0: [192.0.2.99, 192.0.2.98, "2001:db8::98/64"], eth7: [192.0.2.10]}
sysctls: {conn_reuse_mode: 0}
timeouts: {udp: 2m}
marks: []
services:
  - {tcp: "192.0.2.10:80", scheduler: rr, servers: [10.0.0.11, 10.0.0.13]}
  - {tcp: "192.0.2.99:80", servers: [10.0.0.11]}
`;
    const { code, stderr } = await fairlead(namespace, 'apply -', failing);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'fairlead: No such interface: eth7; at + vip 192.0.2.10/32 on eth7; nothing was changed\n',
    );
    expect(await stateOf(namespace)).toBe(before);
  });

  test('is the file itself: it is refused line by line, and no director is even asked', async () => {
    const namespace = await createNamespace('bad');
    const bad = 'services:\n  - {tcp: "192.0.2.10:80", shedule: rr}\n  - {tcp: "192.0.2.10:80"}\n';
    for (const words of ['check', 'plan', 'apply']) {
      const { code, stdout, stderr } = await fairlead(namespace, `${words} -`, bad);
      expect({ code, stdout, stderr }).toEqual({
        code: 1,
        stdout: '',
        stderr: '-:2:28: unknown key `shedule`: did you mean `scheduler`?\n',
      });
    }
    expect((await fairlead(namespace, 'status')).code, 'no director was started').toBe(3);
  });
});

test('neighbours that know another host for a virtual address learn that it is here, in both families', async () => {
  const { client, director } = await createSegment();
  const [ipv4, ipv6] = ['172.25.138.77', 'fd00:1::77'];
  await client.must('sh', '-c', 'echo 0 > /proc/sys/net/ipv4/neigh/eth0/locktime');
  for (const address of [ipv4, ipv6])
    await client.must(
      'ip',
      'neighbour',
      'replace',
      address,
      'lladdr',
      '02:00:00:00:00:99',
      'dev',
      'eth0',
      'nud',
      'stale',
    );
  const mac = (await director.must('cat', '/sys/class/net/eth0/address')).trim();
  await apply(director, `vips: {eth0: [${ipv4}, "${ipv6}"]}\n`);
  await until('both entries have its MAC', async () => {
    const entries = await client.must('ip', 'neighbour');
    return [ipv4, ipv6].every((address) => entries.includes(`${address} dev eth0 lladdr ${mac}`));
  });
});
