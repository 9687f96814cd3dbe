/** What join leaves on a machine: for the next boot, when it fails, when it is killed, and when others change things. */

import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { dual } from '../../src/lab/topologies.ts';
import { until } from '../director/processes.ts';
import { obstacle } from '../support/privileged.ts';
import { type Machine, machineOn } from './machine.ts';
import { afterReboot } from './reboot.ts';

let lab: Lab;
let machine: Machine;
let before: string;
const reason = obstacle();
const vip = '192.0.2.100';
const join = (words: string) => machine.realserver(`join --no-probe ${words}`);
const must = async (words: string): Promise<string> => {
  const { code, stdout, stderr } = await machine.realserver(words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

beforeAll(async () => {
  if (reason !== undefined) return;
  lab = await openLab(dual, new AbortController().signal);
  machine = await machineOn(lab.host('rs1'));
  before = await machine.snapshot();
});
afterAll(async () => {
  if (lab !== undefined) expect(await lab.close()).toEqual([]);
});
beforeEach((context) => {
  context.skip(reason !== undefined, reason);
  onTestFailed(async () => {
    await machine.realserver('leave');
  });
});

describe('after a reboot', () => {
  test.for([
    ['sysctl', 'lo', /all\/arp_ignore:1\n.*all\/arp_notify/s],
    [
      'arptables',
      'lo',
      /-A INPUT -j DROP -d 192\.0\.2\.100\n-A OUTPUT -j mangle -s 192\.0\.2\.100 --mangle-ip-s 192\.0\.2\.11\n/,
    ],
    [
      'nftables',
      'lo',
      /table arp fairlead \{.*arp daddr ip 192\.0\.2\.100 drop\n.*arp saddr ip set 192\.0\.2\.11\n/s,
    ],
    ['tc', 'lo', /fl_isolate_out/],
  ] as const)(
    '%s and the address are there again, and starting the service twice changes nothing',
    async ([way, device, isolation]) => {
      await must(`join --no-probe --arp ${way} ${vip}`);
      const text = await afterReboot(machine);
      expect(text).toMatch(isolation);
      expect(text.match(new RegExp(`${device} +inet ${vip}/32 `, 'g'))).toHaveLength(1);
      if (way === 'arptables') expect(text).toMatch(/^2$/m);
      await must('leave');
      expect(await machine.snapshot()).toBe(before);
    },
  );
});

test('what it has found done already stays when it leaves', async () => {
  const own = `ip addr add ${vip}/32 dev lo; sysctl -qw net.ipv4.conf.all.arp_ignore=2`;
  await machine.must(own);
  const there = await machine.snapshot();
  expect(await must(`join --runtime --arp sysctl ${vip}`)).toMatch(/arp_ignore +was so already/);
  await must('leave');
  expect(await machine.snapshot()).toBe(there);
  await machine.must(`ip addr del ${vip}/32 dev lo; sysctl -qw net.ipv4.conf.all.arp_ignore=0`);
});

test('a setting that somebody has changed since is left alone, and said', async () => {
  await must(`join --no-probe --runtime ${vip}`);
  await machine.must('sysctl -qw net.ipv4.conf.all.arp_announce=1');
  const status = await must('status');
  expect(status).toMatch(/arp_announce +NO LONGER SO/);
  expect(await must('leave')).toMatch(/arp_announce +left alone: it is no longer as it was set/);
  expect(await machine.must('sysctl -n net.ipv4.conf.all.arp_announce')).toBe('1\n');
  await machine.must('sysctl -qw net.ipv4.conf.all.arp_announce=0');
});

test('other words take the place of those before, and leave takes back all of it', async () => {
  await must(`join --no-probe --runtime --arp nftables ${vip} 192.0.2.101`);
  await must('join --no-probe --arp arptables 192.0.2.101 192.0.2.102');
  const addresses = await machine.must('ip -o address show dev lo');
  expect([...addresses.matchAll(/192\.0\.2\.\d+/g)].map(([address]) => address)).toEqual([
    '192.0.2.101',
    '192.0.2.102',
  ]);
  expect(await machine.must('nft list ruleset')).not.toContain('fairlead');
  expect(await machine.must('ls /run')).toBe('');
  await must('leave');
  expect(await machine.snapshot()).toBe(before);
});

test('what is at TC is taken back, even where others have tampered with it', async () => {
  await must(`join --no-probe --runtime --arp tc --decapsulate fairlead ${vip}`);
  expect(await machine.must('tc filter show dev eth0 ingress')).toMatch(/fl_isolate_in.*fl_decapsulate/s);
  await machine.must('tc filter del dev eth0 egress');
  const { code, stdout } = await machine.realserver('check');
  expect(code).toBe(1);
  expect(stdout).toContain('tc programs fl_isolate: no longer as join has left it');
  await must('leave');
  expect(await machine.snapshot()).toBe(before);
});

test('a dummy interface is made for the address, and goes with it', async ({ skip }) => {
  const dummy = await machine.run('ip link add dummy7 type dummy && ip link del dummy7');
  skip(dummy.code !== 0, 'this kernel has no dummy interfaces');
  await must(`join --no-probe --device dummy0 ${vip}`);
  expect(await machine.must('ip -o address show dev dummy0')).toContain(`inet ${vip}/32 `);
  await must('leave');
  expect(await machine.snapshot()).toBe(before);
});

describe('a step that fails', () => {
  test('takes back all before it', async () => {
    await machine.must('mkdir /etc/fairlead-realserver.nft');
    const there = await machine.snapshot();
    const { code, stdout, stderr } = await join(`--arp nftables ${vip}`);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^fairlead: A step has failed: file \/etc\/fairlead-realserver\.nft: [^\n]*Is a directory[^\n]*\n$/,
    );
    expect(await machine.snapshot()).toBe(there);
    await machine.must('rmdir /etc/fairlead-realserver.nft');
  });

  test('of a change leaves what was joined before', async () => {
    await must(`join --no-probe --arp sysctl ${vip}`);
    const there = await machine.snapshot();
    await machine.must('mkdir /etc/fairlead-realserver.nft');
    expect((await join('--arp nftables 192.0.2.101')).code).toBe(1);
    await machine.must('rmdir /etc/fairlead-realserver.nft');
    expect(await machine.snapshot()).toBe(there);
    await must('leave');
    expect(await machine.snapshot()).toBe(before);
  });
});

test('only one is at work at a time, whichever way it is to be kept', async () => {
  const slow = '/usr/local/sbin/systemctl';
  await machine.must(
    `mkfifo /run/gate; printf '#!/bin/sh\\n[ -e /run/waits ] || { : >/run/waits; cat /run/gate; }\\nexec /bin/systemctl "$@"\\n' >${slow}; chmod +x ${slow}`,
  );
  const lasting = machine.run(`PATH=/usr/local/sbin:$PATH fairlead realserver join --no-probe ${vip}`);
  await until('it waits', async () => (await machine.run('[ -e /run/waits ]')).code === 0);
  const runtime = await join(`--runtime ${vip}`);
  expect(runtime).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/another one is at work/),
  });
  expect((await machine.realserver('leave')).stderr).toMatch(/another one is at work/);
  await machine.must('echo >/run/gate');
  expect(await lasting).toMatchObject({ code: 0, stderr: '' });
  await machine.must(`rm ${slow} /run/gate /run/waits`);
  await must('leave');
  expect(await machine.snapshot()).toBe(before);
});

describe('killed in the midst of it, the next word finds its way back', () => {
  /** Whoever calls this program is killed. */
  const killedBy = async (program: string): Promise<void> => {
    const deadly = `/usr/local/sbin/${program}`;
    await machine.must(`printf '#!/bin/sh\\nkill -9 0\\n' >${deadly} && chmod +x ${deadly}`);
    const { code } = await machine.run(
      `PATH=/usr/local/sbin:$PATH fairlead realserver join --no-probe ${vip}`,
    );
    expect(code).toBe(1);
    await machine.must(`/bin/rm ${deadly}`);
  };

  test('when a step is half done', async () => {
    await killedBy('systemctl');
    expect(await machine.must('sysctl -n net.ipv4.conf.all.arp_ignore')).toBe('1\n');
    await must('leave');
    expect(await machine.snapshot()).toBe(before);
  });

  test('of a change for the time being, too, and what was to last is taken back with it', async () => {
    await must(`join --no-probe --arp sysctl ${vip}`);
    const deadly = '/usr/local/sbin/ip';
    await machine.must(
      `printf '#!/bin/sh\\ncase " $* " in *" add "*|*" replace "*) kill -9 0 ;; esac\\nexec /sbin/ip "$@"\\n' >${deadly} && chmod +x ${deadly}`,
    );
    const line =
      'PATH=/usr/local/sbin:$PATH fairlead realserver join --no-probe --runtime --arp nftables 192.0.2.101';
    expect((await machine.run(line)).code).toBe(1);
    await machine.must(`/bin/rm ${deadly}`);
    expect(await machine.must('nft list ruleset')).toContain('192.0.2.101');
    await must('leave');
    expect(await machine.snapshot()).toBe(before);
  });

  test.for([
    ['before it has begun', 'rm'],
    ['when the journal is written', 'mv'],
  ] as const)('%s', async ([, program]) => {
    await killedBy(program);
    await machine.realserver('leave');
    expect(await machine.snapshot()).toBe(before);
    expect(await machine.must('ls /var/lib')).not.toContain('fairlead');
  });
});
