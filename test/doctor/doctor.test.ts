/** `fairlead doctor` and `fairlead announce` as a person runs them: what they print, and how they end. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { binDirectory } from '../../src/lab/package-root.ts';
import { macOf } from '../../src/lab/plan.ts';
import type { Outcome } from '../../src/lab/process.ts';
import { openSegment, type Segment, vip, vip6 } from '../realserver/segment.ts';
import { type Logins, letIn, sshdObstacle } from '../realserver/sshd.ts';
import { obstacle } from '../support/privileged.ts';

let segment: Segment;
const reason = obstacle();
const [rs1Mac, rs2Mac] = ['192.0.2.11', '192.0.2.12'].map(macOf) as [string, string];

beforeAll(async () => {
  if (reason !== undefined) return;
  segment = await openSegment();
  for (const { run } of segment.servers) await run(joined);
  await on('director', `ip -6 addr change ${vip6}/128 dev eth0 preferred_lft 0`);
});
afterAll(async () => {
  if (segment !== undefined) expect(await segment.lab.close()).toEqual([]);
});
beforeEach((context) => context.skip(reason !== undefined, reason));

const joined = [
  'cd /proc/sys/net/ipv4/conf/all && echo 1 > arp_ignore && echo 2 > arp_announce',
  `ip addr add ${vip}/32 dev lo; ip -6 addr add ${vip6}/128 dev lo`,
].join('; ');

async function on(host: string, line: string): Promise<Outcome> {
  return await segment.lab.host(host).run(['sh', '-c', line], { timeoutMs: 30_000 });
}

/** `fairlead doctor` with these words, read as JSON: each finding in a few words, each remark by what it is about. */
async function examined(host: string, words = '') {
  const { code, stdout, stderr } = await on(host, `fairlead doctor --json ${words}`);
  if (stdout === '') throw new Error(stderr);
  const { place, findings, remarks, others } = JSON.parse(stdout);
  return {
    ...{ code, place, others },
    findings: findings.map((one: { code: string; host: { address?: string; mac?: string } }) =>
      [one.code, one.host.address, one.host.mac].filter(Boolean).join(' '),
    ),
    remarks: remarks.map(({ what }: { what: string }) => what),
  };
}

test('all is well on the director, on real servers and on the client, in text and in JSON', async () => {
  const { code, stdout, stderr } = await on('director', 'fairlead doctor');
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `healthy: ${vip}, ${vip6}\n`, stderr: '' });
  expect(await examined('director')).toMatchObject({ code: 0, place: 'director', findings: [], remarks: [] });
  expect(await examined('rs1')).toMatchObject({ code: 0, place: 'realserver', findings: [] });
  expect(await examined('client')).toMatchObject({ code: 0, place: 'client', findings: [] });
});

test('a UDP service that refuses is found, and one that says nothing is told apart from it', async () => {
  await on('director', `ipvsadm -A -u ${vip}:53 -s rr`);
  for (const rip of ['192.0.2.11', '192.0.2.12'])
    await on('director', `ipvsadm -a -u ${vip}:53 -r ${rip}:53 -g`);
  const mute = `require('node:dgram').createSocket('udp4').bind(53, '${vip}')`;
  const server = await segment.lab.host('rs1').start(['node', '-e', mute], 'udp.log');
  try {
    await expect
      .poll(async () => (await on('rs1', 'ss -Hlun')).stdout, { timeout: 20_000 })
      .toContain(`${vip}:53`);
    expect(await examined('director')).toMatchObject({
      ...{ code: 1, findings: [`service-refused 192.0.2.12 ${rs2Mac}`] },
      remarks: [`udp:${vip}:53 on 192.0.2.11:53`],
    });
  } finally {
    await server.stop();
    await on('director', `ipvsadm -D -u ${vip}:53`);
  }
});

test('a real server that is not there is found, until it is out of rotation', async () => {
  await on('director', `ipvsadm -a -t ${vip}:80 -r 192.0.2.99 -g`);
  expect((await examined('director')).findings).toEqual(['real-server-dead 192.0.2.99']);
  await on('director', `ipvsadm -e -t ${vip}:80 -r 192.0.2.99:80 -g -w 0`);
  expect((await examined('director')).findings).toEqual([]);
  await on('director', `ipvsadm -d -t ${vip}:80 -r 192.0.2.99:80`);
});

test('what is wrong with a real server that health checks have taken out is found all the same', async () => {
  await on('director', 'fairlead export > before.yaml');
  const withChecks = [
    'checks: {web: {http: {path: /}, interval: 300ms, timeout: 250ms, rise: 1, fall: 2}}',
    `services: [{tcp: "${vip}:80", checks: [web], servers: [192.0.2.11, 192.0.2.12]}]`,
  ].join('\n');
  await on('director', `echo '${withChecks}' > checked.yaml && fairlead apply checked.yaml`);
  await on('rs2', `ip addr del ${vip}/32 dev lo`);
  try {
    const listed = async () => (await on('director', 'ipvsadm -Ln')).stdout;
    await expect.poll(listed, { timeout: 20_000 }).not.toContain('192.0.2.12:80');
    const { findings } = await examined('director');
    expect(findings).toEqual([`vip-missing 192.0.2.12 ${rs2Mac}`]);
    const { stdout } = await on('director', 'fairlead doctor');
    expect(stdout).toContain('Its health checks keep it out');
    expect(stdout).toMatch(/fairlead health: tcp:\S+, 192\.0\.2\.12:80: down: web: timeout/);
  } finally {
    await on('rs2', `ip addr add ${vip}/32 dev lo`);
    await on('director', 'fairlead apply before.yaml');
  }
});

describe('the ARP watch', () => {
  test.for([
    ['IPv4', vip, 'announcement'],
    ['IPv6', vip6, 'answer'],
  ] as const)('in %s hears another host announce the address, and who that is', async ([, address, kind]) => {
    const length = address === vip ? 32 : 128;
    await on('rs1', `ip addr add ${address}/${length} dev eth0`);
    const { code, stderr } = await on('rs1', `fairlead announce ${address}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const status = JSON.parse((await on('director', 'fairlead status --json')).stdout);
    expect(status.claims).toContainEqual(
      expect.objectContaining({ vip: address, mac: rs1Mac, interface: 'eth0', kinds: [kind] }),
    );
    await on('rs1', `ip addr del ${address}/${length} dev eth0`);
    const neighbour = (await on('client', `ip neigh show ${address}`)).stdout;
    if (neighbour.includes(rs1Mac)) {
      expect((await on('director', `fairlead announce ${address}`)).code).toBe(0);
      await expect
        .poll(async () => (await on('client', `ip neigh show ${address}`)).stdout)
        .not.toContain(rs1Mac);
    }
  });
});

test('a real server that has lately asked as the virtual address is well once it asks in its own name, whomever it asks', async () => {
  const announce = (level: number): Promise<Outcome> =>
    on('rs2', `echo ${level} > /proc/sys/net/ipv4/conf/all/arp_announce`);
  await announce(0);
  await on('rs2', `ip neigh flush dev eth0; busybox ping -I ${vip} -c 1 -W 1 192.0.2.250`);
  expect((await examined('director')).findings).toEqual([
    `address-claimed-by-real-server 192.0.2.12 ${rs2Mac}`,
  ]);
  await announce(2);
  await on('director', `fairlead announce ${vip}`);
  // Whoever the doctor sends it to by a ping, it is asking for already: its kernel asks again once a second only.
  const everybody = `
    const socket = require('node:dgram').createSocket('udp4');
    const nobody = Array.from({ length: 253 }, (_, at) => '192.0.2.' + (at + 2)).filter((one) => !/\\.(11|12|100|250)$/.test(one));
    setInterval(() => nobody.forEach((one) => socket.send('', 9, one)), 100);`;
  const asking = await segment.lab.host('rs2').start(['node', '-e', everybody], 'everybody.log');
  try {
    await expect
      .poll(async () => (await on('rs2', 'ip neigh show nud incomplete | wc -l')).stdout.trim(), {
        timeout: 20_000,
      })
      .toBe('248');
    expect((await examined('director')).findings).toEqual([]);
    const { claims } = JSON.parse((await on('director', 'fairlead status --json')).stdout);
    const [claim] = claims.filter(
      ({ mac, vip: of }: { mac: string; vip: string }) => mac === rs2Mac && of === vip,
    );
    expect(claim.kinds).toContain('question');
  } finally {
    await asking.stop();
  }
});

test('a client sees that several hosts answer, and that its own entry is of another time', async () => {
  await on('rs1', `ip addr add ${vip}/32 dev eth0`);
  const several = await examined('client', `--vip ${vip}`);
  expect(several).toMatchObject({ code: 1, findings: [expect.stringMatching(/^several-answerers /)] });
  await on('rs1', `ip addr del ${vip}/32 dev eth0`);
  await on('client', `ip neigh replace ${vip} lladdr ${rs1Mac} dev eth0 nud reachable`);
  expect((await examined('client', `--vip ${vip}`)).findings).toEqual(['entry-outdated']);
  await on('client', `ip neigh del ${vip} dev eth0`);
});

test('a real server sees what it lacks: the address, silence about it, a service', async () => {
  await on('rs2', `ip addr del ${vip}/32 dev lo`);
  await on('rs2', 'echo 0 > /proc/sys/net/ipv4/conf/all/arp_ignore');
  const words = `--on realserver --vip ${vip} --vip ${vip6} --service tcp:${vip}:81`;
  expect((await examined('rs2', words)).findings).toEqual(['vip-missing', 'service-refused']);
  await on('rs2', `ip addr add ${vip}/32 dev lo`);
  expect((await examined('rs2', `--vip ${vip}`)).findings).toEqual(['address-answered-by-real-server']);
  await on('rs2', joined);
});

test('watching prints what has come and what has gone', async () => {
  const watch = await segment.lab.host('director').start(['fairlead', 'doctor', '--watch', '1'], 'watch.log');
  const said = async () => (await on('director', 'cat watch.log')).stdout;
  const soon = { timeout: 20_000, interval: 100 };
  try {
    await expect.poll(said, soon).toBe(`healthy: ${vip}, ${vip6}\n`);
    await on('rs1', `ip addr del ${vip}/32 dev lo`);
    await expect.poll(said, soon).toMatch(/\n\d\d:\d\d:\d\d found vip-missing: real server 192\.0\.2\.11 /);
    await on('rs1', `ip addr add ${vip}/32 dev lo`);
    await expect.poll(said, soon).toMatch(/\n\d\d:\d\d:\d\d gone {2}vip-missing: real server 192\.0\.2\.11 /);
  } finally {
    await watch.stop();
  }
});

describe('by ssh', () => {
  let logins: Logins | undefined;
  beforeAll(async () => {
    if (reason !== undefined || sshdObstacle() !== undefined) return;
    logins = await letIn(segment.servers, ['192.0.2.11', '192.0.2.12']);
  });
  afterAll(() => logins?.remove());

  test('a real server is asked what it sees itself, and one that is not reached is named', async (context) => {
    context.skip(logins === undefined, sshdObstacle());
    const [rs1] = segment.servers;
    await rs1.must(`mkdir -p /usr/local/sbin && ln -sf ${binDirectory}/fairlead /usr/local/sbin/fairlead`);
    const { code, findings, others } = await examined(
      'director',
      `--ssh-config ${logins?.config} --ssh rs1 --ssh rs2 --ssh nobody.invalid`,
    );
    expect({ code, findings }).toEqual({ code: 2, findings: [] });
    expect(others).toMatchObject([
      { host: 'rs1', report: { place: 'realserver', vips: [vip, vip6], findings: [] } },
      { host: 'rs2', failure: 'fairlead is not installed there' },
      { host: 'nobody.invalid', failure: 'there is no host of this name' },
    ]);
  });
});

describe('a wrong call is refused in one line', () => {
  test.for([
    ['doctor --on moon', 2, "argument 'moon' is invalid"],
    ['doctor --vip 1.2.3', 2, 'It is not an IP address.'],
    ['doctor --service 80', 2, 'It is protocol, address and port'],
    ['doctor --ssh -oProxyCommand=x', 2, 'It is not a host for ssh.'],
    ['announce', 2, 'missing required argument'],
    ['announce 192.0.2.77', 1, 'No interface here has this address: 192.0.2.77'],
  ] as const)('%s', async ([words, code, sentence]) => {
    const ended = await on('client', `fairlead ${words}`);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a director that is asked where none runs cannot tell', async () => {
    expect(await examined('client', '--on director')).toMatchObject({ code: 2, findings: [] });
  });

  test('a director without services cannot tell, and says what would give it something to examine', async () => {
    await on('client', 'fairlead load');
    const told = await on('client', 'fairlead doctor');
    await on('client', 'fairlead unload');
    expect(told).toMatchObject({
      ...{ code: 2, stderr: '' },
      stdout:
        'cannot tell: anything: the director has no services: ipvsadm -A, or fairlead apply\nnothing to examine\n',
    });
  });
});
