/** `fairlead realserver push` and `export`: other machines become the same by ssh, all or none. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { obstacle } from '../support/privileged.ts';
import type { Machine } from './machine.ts';
import { directorMac, openSegment, type Segment, vip, vip6 } from './segment.ts';
import { type Logins, letIn, sshdObstacle } from './sshd.ts';

let segment: Segment;
let logins: Logins;
let before: readonly string[];
const reason = obstacle() ?? sshdObstacle();

beforeAll(async () => {
  if (reason !== undefined) return;
  segment = await openSegment();
  logins = await letIn(segment.servers, ['192.0.2.11', '192.0.2.12']);
  before = await snapshots();
});
afterAll(async () => {
  if (logins !== undefined) logins.remove();
  if (segment !== undefined) expect(await segment.lab.close()).toEqual([]);
});
beforeEach((context) => context.skip(reason !== undefined, reason));

const snapshots = (): Promise<readonly string[]> =>
  Promise.all(segment.servers.map((each) => each.snapshot()));

/** From the director, which is no real server itself. */
async function push(words: string, config = logins.config) {
  const argv = ['fairlead', 'realserver', 'push', '--ssh-config', config, ...words.split(' ')];
  return await segment.lab.host('director').run(argv, { timeoutMs: 60_000 });
}

/** The report's rows: host, result, and the rest. */
function rows(stdout: string): readonly (readonly string[])[] {
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ {2,}/));
}

const [rs1, rs2] = [(): Machine => segment.servers[0], (): Machine => segment.servers[1]];

test('both become real servers, each with its own address, and keep quiet; and both leave again', async () => {
  const { code, stdout, stderr } = await push(`--vip ${vip} --vip ${vip6} --arp arptables rs1 rs2`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(rows(stdout)).toEqual([
    ['rs1', 'joined', '7 done'],
    ['rs2', 'joined', '7 done'],
  ]);
  expect(await rs1().must('arptables-save')).toContain('--mangle-ip-s 192.0.2.11\n');
  expect(await rs2().must('arptables-save')).toContain('--mangle-ip-s 192.0.2.12\n');
  expect(await rs2().must('systemctl is-enabled fairlead-realserver')).toBe('enabled\n');
  const { claims, answers } = await segment.ask(vip, 4);
  expect(claims).toEqual([directorMac]);
  expect(answers.toSorted()).toEqual(['rs1', 'rs1', 'rs2', 'rs2']);

  expect(rows((await push('--leave rs1 rs2')).stdout)).toEqual([
    ['rs1', 'left', '7 taken back'],
    ['rs2', 'left', '7 taken back'],
  ]);
  expect(await snapshots()).toEqual(before);
});

describe('one that cannot keeps all the others from it', () => {
  test('when it says so beforehand', async () => {
    await rs2().must(`ip address add ${vip}/32 dev eth0`);
    const { code, stdout } = await push(`--vip ${vip} rs1 rs2`);
    expect(code).toBe(1);
    expect(rows(stdout)).toEqual([
      ['rs1', 'untouched', 'it could be one'],
      ['rs2', 'refused', `${vip}/32 is on eth0 already: ip address del ${vip}/32 dev eth0`],
    ]);
    await rs2().must(`ip address del ${vip}/32 dev eth0`);
    expect(await snapshots()).toEqual(before);
  });

  test('when it fails in the midst of it, also from what they have joined as before', async () => {
    await push(`--vip ${vip} --runtime rs1 rs2`);
    await rs2().must('mkdir /etc/fairlead-realserver.nft');
    const there = await snapshots();
    const { code, stdout } = await push('--vip 192.0.2.101 --arp nftables rs1 rs2');
    expect(code).toBe(1);
    const [first, second] = rows(stdout);
    expect(first).toEqual(['rs1', 'taken back', '5 taken back']);
    expect(second?.slice(0, 2)).toEqual(['rs2', 'failed']);
    expect(second?.[2]).toMatch(/^file \/etc\/fairlead-realserver\.nft: .*Is a directory$/);
    expect(await snapshots()).toEqual(there);
    await rs2().must('rmdir /etc/fairlead-realserver.nft');
    await push('--leave rs1 rs2');
    expect(await snapshots()).toEqual(before);
  });

  test('when its shell is killed', async () => {
    await rs2().must(
      "printf '#!/bin/sh\\nkill -9 0\\n' >/usr/local/bin/systemctl; chmod +x /usr/local/bin/systemctl",
    );
    const { code, stdout } = await push(`--vip ${vip} rs1 rs2`);
    await rs2().must('rm /usr/local/bin/systemctl');
    expect(code).toBe(1);
    expect(rows(stdout).map(([name, outcome]) => [name, outcome])).toEqual([
      ['rs1', 'taken back'],
      ['rs2', 'taken back'],
    ]);
    expect(await snapshots()).toEqual(before);
  });
});

test('nothing is done where hosts cannot be spoken to, and one line for each says why', async () => {
  const config = logins.configWith(`
    Host silent
      HostName 192.0.2.99
    Host unknown
      HostName 192.0.2.12
      UserKnownHostsFile /dev/null
    Host closed
      HostName 192.0.2.12
      User nobody-here
    Host twin
      HostName 192.0.2.11`);
  const hosts = 'rs1 nameless silent unknown closed twin rs2=192.0.2.77';
  const { code, stdout } = await push(`--vip ${vip} --arp nftables ${hosts}`, config);
  expect(code).toBe(1);
  const report = rows(stdout);
  expect(report[0]).toEqual(['rs1', 'untouched', 'it could be one']);
  expect(report.slice(1)).toEqual([
    ['nameless', 'refused', 'there is no host of this name'],
    ['silent', 'refused', expect.stringMatching(/No route to host|timed out/)],
    ['unknown', 'refused', 'its host key is not known: ssh unknown once, and compare it'],
    ['closed', 'refused', 'it does not let us in: ssh-copy-id closed'],
    ['twin', 'refused', 'it is the same machine as rs1'],
    ['rs2', 'refused', expect.stringMatching(/^192\.0\.2\.77 is none of its addresses, which are 192/)],
  ]);
  expect(await snapshots()).toEqual(before);
});

test('who logs in as somebody else becomes root by sudo, and hears of it without', async ({ skip }) => {
  skip((await rs2().run('command -v sudo')).code !== 0, 'needs sudo');
  const config = logins.configWith('Host op\n  HostName 192.0.2.12\n  User op');
  const without = await push(`--vip ${vip} op`, config);
  expect(rows(without.stdout)).toEqual([['op', 'refused', 'we are not root there: root@HOST, or --sudo']]);
  const { stdout } = await push(`--sudo --runtime --vip ${vip} op`, config);
  expect(rows(stdout)).toEqual([['op', 'joined', '3 done']]);
  await push('--sudo --leave op', config);
  expect(await snapshots()).toEqual(before);
});

test('what a machine has joined as goes to the next one, with its address in the place of its own', async () => {
  expect((await rs1().realserver(`join --no-probe --arp arptables ${vip}`)).code).toBe(0);
  const script = await rs1().must('fairlead realserver export --for 192.0.2.12');
  expect(script).not.toContain('192.0.2.11');
  await rs1().must(`fairlead realserver push --ssh-config ${logins.config} rs2`);
  expect(await rs2().must('arptables-save')).toContain('--mangle-ip-s 192.0.2.12\n');
  expect((await rs2().realserver('status')).stdout).toContain('ARP isolation      by arptables rules');

  await push('--leave rs1 rs2');
  expect(await snapshots()).toEqual(before);
});

test('an exported script does it where there is no Fairlead, looks, and takes it back', async () => {
  const said = await segment.lab
    .host('director')
    .run(`fairlead realserver export --for 192.0.2.12 --vip ${vip} --arp nftables --runtime`.split(' '));
  const sh = (word: string, shell = 'sh') =>
    rs2().run(`${shell} -s -- ${word} <<'SCRIPT'\n${said.stdout}SCRIPT`);
  expect((await sh('check')).code).toBe(1);
  expect(await sh('join', 'busybox sh')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'did\tnftables table arp fairlead\ndid\taddress 192.0.2.100/32 on lo\n',
  });
  expect((await sh('check')).code).toBe(0);
  expect((await sh('leave', 'bash')).code).toBe(0);
  expect(await snapshots()).toEqual(before);

  const elsewhere = said.stdout.replaceAll('192.0.2.12', '192.0.2.77');
  const refused = await rs2().run(`sh <<'SCRIPT'\n${elsewhere}SCRIPT`);
  expect(refused).toMatchObject({ code: 1, stdout: 'failed\t192.0.2.77 is none of its addresses\n' });
});

test('--dry-run asks the hosts, prints what would be done on each, and does nothing', async () => {
  const { code, stdout } = await push(`--dry-run --runtime --vip ${vip} --arp arptables rs1 rs2`);
  expect(code).toBe(0);
  expect(stdout).toBe(
    ['11', '12']
      .map((last, at) =>
        [
          `# rs${at + 1}`,
          `arptables -A INPUT -d ${vip} -j DROP`,
          `arptables -A OUTPUT -s ${vip} -j mangle --mangle-ip-s 192.0.2.${last}`,
          `ip address add ${vip}/32 dev lo`,
          '',
        ].join('\n'),
      )
      .join(''),
  );
  expect(await snapshots()).toEqual(before);
});
