/** A machine whose init is systemd: what its service does at a boot, and when others flush the packet filter. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { dual } from '../../src/lab/topologies.ts';
import { obstacle } from '../support/privileged.ts';
import { type Machine, machineOn } from './machine.ts';
import { booted, bootSystemd, systemdObstacle } from './systemd.ts';

let lab: Lab;
let machine: Machine;
const reason = obstacle() ?? systemdObstacle();
const vip = '192.0.2.100';

beforeAll(async () => {
  if (reason !== undefined) return;
  lab = await openLab(dual, new AbortController().signal);
  machine = await machineOn(lab.host('rs1'), bootSystemd);
  await booted(machine);
});
afterAll(async () => {
  if (lab !== undefined) expect(await lab.close()).toEqual([]);
});
beforeEach((context) => context.skip(reason !== undefined, reason));

/** Whether it is isolated, and whether it has the address. */
async function state(): Promise<string> {
  const isolated = (await machine.must('nft list ruleset')).includes(`arp daddr ip ${vip} drop`);
  const there = (await machine.must('ip -o address show dev lo')).includes(vip);
  return `${isolated ? 'isolated' : 'open'}, ${there ? 'with' : 'without'} the address`;
}

/** systemctl waits for the services that it names, not for those that go along. */
const becomes = (wanted: string): Promise<void> => expect.poll(state, { timeout: 30_000 }).toBe(wanted);

const files = (): Promise<string> =>
  machine.must('find /etc/systemd/system /mnt/etc/upper /mnt/var/upper -not -type d | sort');

test('the isolation goes with the packet filter, and the address never outlasts it', async () => {
  const before = await files();
  expect((await machine.realserver(`join --no-probe --arp nftables ${vip}`)).stderr).toBe('');
  expect(await machine.must('systemctl is-active fairlead-realserver')).toBe('active\n');

  for (const verb of ['restart', 'reload']) {
    await machine.must(`systemctl ${verb} nftables`); // Debian's begins with flush ruleset
    await becomes('isolated, with the address');
  }
  await machine.must('systemctl stop nftables');
  await becomes('open, without the address');
  await machine.must('systemctl start nftables');
  await becomes('isolated, with the address');

  await machine.must('systemctl stop multi-user.target nftables; systemctl start multi-user.target');
  await becomes('isolated, with the address');
  expect(await machine.must('systemctl is-active nftables fairlead-realserver')).toBe('active\nactive\n');
  expect((await machine.realserver('check')).code).toBe(0);

  expect((await machine.realserver('leave')).stderr).toBe('');
  expect(await state()).toBe('open, without the address');
  expect((await machine.run('systemctl cat fairlead-realserver')).stderr).toContain('No files found');
  expect(await files()).toBe(before);
});

test.for([
  [
    'sysctl',
    `--arp sysctl ${vip}`,
    'sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0',
  ],
  ['arptables', `--arp arptables ${vip}`, 'arptables -F'],
  ['nftables', `--arp nftables ${vip}`, 'nft delete table arp fairlead'],
  [
    'programs',
    `--arp tc ${vip}`,
    'for each in eth0 lo; do tc qdisc del dev $each clsact 2>/dev/null || :; done',
  ],
  [
    'a decapsulator',
    `--decapsulate fairlead ${vip}`,
    'for each in eth0 lo; do tc qdisc del dev $each clsact 2>/dev/null || :; done',
  ],
] as const)('its service has the rights to bring it back by %s', async ([, words, undo]) => {
  expect((await machine.realserver(`join --no-probe ${words}`)).stderr).toBe('');
  const said = async (): Promise<string> => (await machine.realserver('status')).stdout;
  expect(await said()).not.toContain('NO LONGER SO');
  await machine.must(`systemctl stop fairlead-realserver; ${undo}`);
  expect(await said()).toContain('NO LONGER SO');
  const { stderr } = await machine.run(
    'systemctl start fairlead-realserver || systemctl status fairlead-realserver >&2',
  );
  expect(stderr).toBe('');
  expect(await said()).not.toContain('NO LONGER SO');
  expect((await machine.realserver('leave')).stderr).toBe('');
});

test('an address is not brought back by a boot that cannot isolate it', async () => {
  expect((await machine.realserver(`join --no-probe --arp nftables ${vip}`)).code).toBe(0);
  await machine.must(
    'systemctl stop multi-user.target nftables; echo nonsense >/etc/fairlead-realserver.nft',
  );
  await machine.must('systemctl start multi-user.target');
  const failed = async (): Promise<string> =>
    (await machine.run('systemctl is-failed fairlead-realserver')).stdout;
  await expect.poll(failed, { timeout: 30_000 }).toBe('failed\n');
  expect(await state()).toBe('open, without the address');
  const { stdout } = await machine.realserver('leave');
  expect(stdout).toMatch(/file \/etc\/fairlead-realserver\.nft +left alone/);
});
