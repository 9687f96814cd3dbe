/** The director as a service of systemd, in a machine whose init is systemd: its units, installed as a person would. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CheckStatus } from '../../src/api/health.ts';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { packageRoot } from '../../src/lab/package-root.ts';
import { dual } from '../../src/lab/topologies.ts';
import { until } from '../director/processes.ts';
import { type Machine, machineOn } from '../realserver/machine.ts';
import { booted, bootSystemd, systemdObstacle } from '../realserver/systemd.ts';
import { obstacle } from '../support/privileged.ts';

let lab: Lab;
let machine: Machine;
const reason = obstacle() ?? systemdObstacle();
const service = 'TCP  192.0.2.100:80';

beforeAll(async () => {
  if (reason !== undefined) return;
  lab = await openLab(dual, new AbortController().signal);
  machine = await machineOn(lab.host('rs1'), bootSystemd);
  await booted(machine);
  await machine.must(`${process.execPath} ${packageRoot}/scripts/install.mjs && systemctl daemon-reload`);
  await machine.must('mkdir -p /etc/fairlead');
}, 60_000);
afterAll(async () => {
  if (lab !== undefined) expect(await lab.close()).toEqual([]);
});
beforeEach((context) => context.skip(reason !== undefined, reason));

const configure = (scheduler: string, path = '/etc/fairlead/fairlead.yaml'): Promise<string> =>
  machine.must(
    `printf '%s\\n' 'services:' '  - tcp: 192.0.2.100:80' '    scheduler: ${scheduler}' '    servers: [192.0.2.11]' >${path}`,
  );

const listed = (): Promise<string> => machine.must('ipvsadm -Ln');

async function property(name: string, unit = 'fairlead'): Promise<string> {
  return (await machine.must(`systemctl show --value -p ${name} ${unit}`)).trim();
}

/** A line of /proc/PID/status of the daemon. */
async function processStatus(name: string): Promise<string> {
  const pid = await property('MainPID');
  return (await machine.must(`sed -n 's/^${name}:\\s*//p' /proc/${pid}/status`)).trim();
}

/** CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN by their numbers (capabilities(7)). */
const capabilities = ((1n << 12n) | (1n << 13n) | (1n << 21n)).toString(16).padStart(16, '0');

test('it is started when its configuration is applied, and takes over from a daemon that a command has started', async () => {
  await machine.must('ipvsadm -A -u 192.0.2.100:53 -s rr');
  await machine.must('printf "sysctls: { conn_reuse_mode: 3 }\\n" >/etc/fairlead/fairlead.yaml');
  await machine.must('systemctl start fairlead');
  expect(await property('StatusText')).toBe('Serving 1 service');
  expect(await machine.must('ipvsadm -Ln; fairlead sysctl conn_reuse_mode')).toMatch(
    /UDP {2}192\.0\.2\.100:53 rr\n(?:.*\n)*.*conn_reuse_mode = 3\n$/,
  );
  const pid = await property('MainPID');
  expect(await machine.must('fairlead status')).toContain(`process ${pid}\n`);
}, 60_000);

test('it has no more rights than it needs', async () => {
  for (const set of ['CapEff', 'CapPrm', 'CapBnd']) expect(await processStatus(set)).toBe(capabilities);
  expect(await processStatus('CapAmb')).toBe('0'.padStart(16, '0'));
  expect(await processStatus('NoNewPrivs')).toBe('1');
  expect(await processStatus('Seccomp')).toBe('2');
  expect(await machine.must('ipvsadm -Lnc')).toContain('IPVS connection entries');
});

test('a reload is all or nothing, and systemctl says what came of it', async () => {
  await configure('wlc');
  // Long enough for a thread of its own, which has to be let start and read.
  await machine.must('seq 9000 | sed "s/^/# /" >>/etc/fairlead/fairlead.yaml');
  await machine.must('systemctl reload fairlead');
  const after = await listed();
  expect(after).toContain(`${service} wlc\n  -> 192.0.2.11:80 `);

  await machine.must('printf "services: 7\\n" >/etc/fairlead/fairlead.yaml');
  const { code, stderr } = await machine.run('systemctl reload fairlead');
  expect(code).not.toBe(0);
  expect(stderr).toContain('fairlead.service');
  expect(await listed()).toBe(after);
  expect(await property('ActiveState')).toBe('active');
  await until('the status says so', async () =>
    (await property('StatusText')).includes('/etc/fairlead/fairlead.yaml:1:11: '),
  );
  await configure('wlc');
}, 60_000);

test('health checks run inside its walls, through direct routing among them', async () => {
  // Time enough for a busy machine: what is asked for is that each is asked at all, and that a program runs in there.
  const check = 'interval: 5s, timeout: 5s, rise: 1';
  const lines = [
    'services:',
    '  - tcp: 192.0.2.100:80',
    '    scheduler: wlc',
    `    checks: [{command: {run: [/bin/true]}, ${check}}, {ping: {}, ${check}}, {tcp: {}, ${check}, via: rip}]`,
    '    servers: [192.0.2.11]',
  ];
  await machine.must(
    `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >/etc/fairlead/fairlead.yaml`,
  );
  await machine.must('systemctl reload fairlead');
  type Said = {
    readonly services: readonly {
      readonly servers: readonly { readonly checks: readonly CheckStatus[] }[];
    }[];
  };
  const said = await until(
    'all have been asked, and /bin/true has answered',
    async () => {
      const { stdout } = await machine.run('fairlead health --json');
      const { services } = JSON.parse(stdout) as Said;
      const checks = services[0]?.servers[0]?.checks ?? [];
      const areAsked = checks.length === 3 && checks.every(({ at }) => at !== undefined);
      return areAsked && checks[0]?.verdict === 'up' && checks;
    },
    60_000,
  );
  for (const { said: why } of said) expect(why ?? '').not.toContain('local:');
  await configure('wlc');
  await machine.must('systemctl reload fairlead');
  await until(
    'its programs are gone',
    async () => !(await machine.must('tc filter show dev eth0 ingress')).includes('fl_check'),
    20_000,
  );
}, 120_000);

test('stopped, it forwards; with the socket, whoever asks next starts it, and nobody is turned away by a restart', async () => {
  const filters = () => machine.must('tc filter show dev eth0 ingress');
  const before = await filters();
  expect(before).toContain('fl_director_tc');
  await machine.must('systemctl stop fairlead');
  expect(await filters()).toBe(before);

  await machine.must('systemctl start fairlead.socket');
  expect(await listed()).toContain(service);
  expect(await property('ActiveState')).toBe('active');
  expect(await filters()).toBe(before);

  const restart = machine.run('systemctl restart fairlead');
  for (const port of [9000, 9001, 9002, 9003]) {
    const outcome = await machine.run(`ipvsadm -A -t 192.0.2.100:${port} -s rr`);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  }
  expect((await restart).code).toBe(0);
  // The file is applied at each start, and names one service alone.
  await machine.must('systemctl reload fairlead');
  expect((await listed()).split('\n').slice(3)).toEqual([
    `${service} wlc`,
    expect.stringContaining('192.0.2.11:80'),
    '',
  ]);
}, 120_000);

test('a daemon that hangs is replaced, and the data plane stays as it is', async () => {
  await machine.must(
    'mkdir -p /etc/systemd/system/fairlead.service.d; ' +
      'printf "[Service]\\nWatchdogSec=5\\nWatchdogSignal=SIGKILL\\n" >/etc/systemd/system/fairlead.service.d/test.conf; ' +
      'systemctl daemon-reload; systemctl restart fairlead',
  );
  const before = await machine.must('tc filter show dev eth0 ingress');
  const pid = await property('MainPID');
  await machine.must(`kill -STOP ${pid}`);
  await until('another daemon serves', async () => !['0', pid].includes(await property('MainPID')), 60_000);
  await until('it is ready', async () => (await property('ActiveState')) === 'active', 60_000);
  expect(await listed()).toContain(service);
  expect(await machine.must('tc filter show dev eth0 ingress')).toBe(before);
}, 150_000);

test('fairlead unload takes everything off', async () => {
  await machine.must('systemctl stop fairlead.socket; fairlead unload');
  await until('the daemon has ended', async () => (await property('ActiveState')) === 'inactive', 20_000);
  expect(await machine.must('tc filter show dev eth0 ingress')).toBe('');
}, 30_000);

test('a named network namespace has a unit of its own, which goes with it', async () => {
  await machine.must('ip netns add blue-1; ip -n blue-1 link set lo up');
  const unit = "$(systemd-escape --template=fairlead@.service 'blue-1')";
  await configure('sed', '/etc/fairlead/blue-1.yaml');
  await machine.must(`systemctl start ${unit}`);
  expect(await machine.must('ip netns exec blue-1 ipvsadm -Ln')).toContain(`${service} sed\n`);
  await machine.must('ip netns del blue-1');
  await until('it has stopped', async () => (await property('ActiveState', unit)) === 'inactive', 20_000);
}, 60_000);
