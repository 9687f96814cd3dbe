/** What ipvsadm has no word for: settings, mark rules and dropped packets, by the `fairlead` command. */

import { existsSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { killDaemon } from './daemon.ts';
import { until } from './processes.ts';
import { command, createSegment, sendDatagrams, vip } from './segment.ts';
import { addInterface, createNamespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const silent = { stdout: '', stderr: '', code: 0 };

test('settings change all together or not at all, and outlive the daemon', async () => {
  const namespace = await createNamespace('sysctl');
  const { fairlead } = namespace;
  expect(await fairlead('sysctl conn_reuse_mode')).toEqual({ ...silent, stdout: 'conn_reuse_mode = 1\n' });
  expect(await fairlead('sysctl -w drop_entry=3 secure_tcp=9')).toEqual({
    ...{ stdout: '', code: 1 },
    stderr: 'fairlead: Out of range: secure_tcp = 9, which is 0 to 3\n',
  });
  expect(await fairlead('sysctl -w drop_entry=3 nosuch=1')).toMatchObject({ code: 1, stdout: '' });
  // sysctl(8) would write that.
  expect(await fairlead('sysctl drop_entry=3')).toEqual({
    ...{ code: 2, stdout: '', stderr: 'fairlead: drop_entry=3 would be a change: say -w\n' },
  });
  expect((await fairlead('sysctl drop_entry')).stdout).toBe('drop_entry = 0\n');

  const changed = 'net.ipv4.vs.conn_reuse_mode=0 expire_nodest_conn=1';
  expect(await fairlead(`sysctl -w ${changed}`)).toEqual({
    ...silent,
    stdout: 'conn_reuse_mode = 0\nexpire_nodest_conn = 1\n',
  });
  await killDaemon(namespace);
  expect((await fairlead('sysctl --json conn_reuse_mode expire_nodest_conn')).stdout).toBe(
    '{\n  "conn_reuse_mode": 0,\n  "expire_nodest_conn": 1\n}\n',
  );
}, 60_000);

test('the table is as large as it was loaded, until it is unloaded', async () => {
  const { fairlead } = await createNamespace('load');
  expect(await fairlead('load --connections 4096')).toEqual(silent);
  expect((await fairlead('status')).stdout).toContain('Connections 0 of at most 4096,');
  expect(await fairlead('load --connections 8192')).toEqual({
    ...{ stdout: '', code: 1 },
    stderr: 'fairlead: The data plane is loaded already: with room for 4096 connections\n',
  });
  await fairlead('unload');
  expect(await fairlead('load --connections 8192')).toEqual(silent);
  expect((await fairlead('status')).stdout).toContain('Connections 0 of at most 8192,');
}, 60_000);

test('mark rules are listed in the words that made them, and outlive the daemon', async () => {
  const namespace = await createNamespace('mark');
  const { fairlead } = namespace;
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  const rules = [
    '7 --destination 192.0.2.0/24 --protocol tcp --ports 80 --in eth0',
    '0x10/0xf0 --destination 2001:db8::/64 --source-ports 1024:65535 --final',
  ];
  for (const rule of rules) expect(await fairlead(`mark add ${rule}`)).toEqual(silent);
  await killDaemon(namespace);
  expect((await fairlead('mark list')).stdout).toBe(`1  ${rules[0]}\n2  ${rules[1]}\n`);
  expect(await fairlead('mark delete 1')).toEqual(silent);
  expect((await fairlead('mark list')).stdout).toBe(`1  ${rules[1]}\n`);
  expect(await fairlead('mark add 7 --in eth9')).toMatchObject({
    ...{ code: 1, stderr: 'fairlead: No such interface: eth9\n' },
  });
  expect(await fairlead('mark clear')).toEqual(silent);
  expect((await fairlead('mark list')).stdout).toBe('');
}, 60_000);

test('rules of netfilter in this namespace are taken over, and those that cannot be are named', async (context) => {
  const installed = ['iptables', 'nft'].every((tool) => existsSync(`/usr/sbin/${tool}`));
  context.skip(!installed, 'needs iptables and nftables');
  const namespace = await createNamespace('import');
  const mangle = ['iptables', '-t', 'mangle', '-A', 'PREROUTING'];
  const setMark = ['-j', 'MARK', '--set-mark'];
  await namespace.must(...mangle, '-d', '192.0.2.1', '-p', 'tcp', '--dport', '80', ...setMark, '7');
  await namespace.must(...mangle, '-d', '192.0.2.2', '-m', 'mark', '--mark', '7', ...setMark, '8');
  await namespace.must('nft', 'add table inet lvs');
  await namespace.must('nft', 'add chain inet lvs pre { type filter hook prerouting priority 0; }');
  await namespace.must('nft', 'add rule inet lvs pre ip6 daddr 2001:db8::1 udp dport 53 meta mark set 9');
  const { stdout, stderr, code } = await namespace.fairlead('mark import');
  expect(stdout).toBe(
    '1  7 --destination 192.0.2.1 --protocol tcp --ports 80\n2  9 --destination 2001:db8::1 --protocol udp --ports 53\n',
  );
  expect(stderr).toContain('has no counterpart to -m mark\n');
  expect(code).toBe(3);
  expect((await namespace.fairlead('mark list')).stdout).toBe(stdout);
}, 60_000);

test('a dropped packet is shown with its reason and where it came from', async () => {
  const { client, director } = await createSegment();
  await command(director, `-A -u ${vip}:53 -s rr`);
  expect((await director.fairlead('drops')).stdout).toMatch(/^nothing: /);
  await sendDatagrams(client, 53, { count: 3, payload: 20, from: 40_000 });
  const drops = await until('it has been counted', async () => {
    const { stdout } = await director.fairlead('drops');
    return stdout.startsWith('REASON') && stdout;
  });
  expect(drops).toMatch(/^no_server +3 +\d+ +dropped; port unreachable +no real server may have it$/m);
  expect(drops).toMatch(
    /^ {2}last: udp 172\.25\.138\.250:40000 > 172\.25\.138\.100:53, 48 bytes on eth0, \d s ago$/m,
  );
}, 60_000);
