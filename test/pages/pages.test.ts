/** What pages of docs/ have an administrator type, typed as it stands there: it works, and says what they say. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { until } from '../director/processes.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot, root } from '../director/support.ts';

beforeEach(needsRoot);

/** The text below a heading of a page, up to the next one. */
function section(page: string, heading: string): string {
  const text = readFileSync(`${root}docs/${page}.md`, 'utf8');
  const [, below] = new RegExp(`^#+ ${heading}\\n(.*?)(?=^#+ |$(?![^]))`, 'ms').exec(text) ?? [];
  if (below === undefined) throw new Error(`docs/${page}.md has no heading ${heading}`);
  return below;
}

/** The blocks of such a text, in their order. */
function blocks(text: string): readonly string[] {
  return [...text.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, block = '']) => block);
}

/** Commands of a block, without what stands beside them. */
function commands(block: string): readonly string[] {
  return block
    .split('\n')
    .map((line) => line.replace(/(\S) {3,}\S.*$/, '$1').replace(/^fairlead /, ''))
    .filter((line) => line !== '');
}

async function fairlead(namespace: Namespace, words: string, input = '') {
  return await namespace.run([bin.fairlead, ...words.split(' ')], { input });
}

async function applied(namespace: Namespace, file: string): Promise<void> {
  expect(await fairlead(namespace, 'apply -', file)).toMatchObject({ code: 0, stderr: '' });
}

test('configuration: the plan of the example is the one that is shown, and it is applied', async () => {
  const namespace = await createNamespace('configuration');
  await addInterface(namespace, 'eth0', '203.0.113.2/24');
  const [example = '', plan = ''] = blocks(section('configuration', 'An example'));
  await applied(
    namespace,
    `sysctls: {conn_reuse_mode: 3, expire_nodest_conn: 1}
timeouts: {tcp: 15m, udp: 1m}
services: [{tcp: "203.0.113.10:80", scheduler: rr, servers: [203.0.113.21, 203.0.113.22, 203.0.113.24]}]
`,
  );

  const { code, stdout } = await fairlead(namespace, 'plan -', example);
  const shown = plan.replace(/^…\n/m, '');
  expect([code, stdout.slice(0, shown.length)]).toEqual([0, shown]);
  await applied(namespace, example);
  expect(await fairlead(namespace, 'plan --exit-code -', example)).toMatchObject({ code: 0, stdout: '' });
});

test('health checks: what is shown has this form, and each name of the table keeps out what it says', async () => {
  const namespace = await createNamespace('health-checks');
  await addInterface(namespace, 'eth0', '10.0.0.1/24');
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await applied(
    namespace,
    `maintenance: ${directory}
services:
  - {name: web, tcp: "192.0.2.10:80", checks: [{file: {path: /nowhere}}], servers: [10.0.0.11, 10.0.0.12]}
  - {name: other, tcp: "192.0.2.10:81", checks: [{file: {path: /nowhere}}], servers: [10.0.0.11, 10.0.0.12]}
`,
  );
  const [shown = ''] = blocks(section('health-checks', 'States'));
  const { stdout } = await namespace.fairlead('health');
  const columns = (text: string) => text.split('\n')[1]?.trim().split(/ {2,}/);
  expect(columns(stdout)).toEqual(columns(shown));
  expect(stdout.split('\n')[0]).toMatch(/^tcp:192\.0\.2\.10:80 {2}web; quorum: weight 2 is up, 1 is needed$/);

  const keptOut = async (): Promise<readonly string[]> => {
    const report = JSON.parse((await namespace.fairlead('health --json')).stdout) as {
      services: { service: string; servers: { server: string; state: string }[] }[];
    };
    return report.services.flatMap(({ service, servers }) =>
      servers
        .filter(({ state }) => state === 'maintenance')
        .map(({ server }) => `${server} ${service.slice(-2)}`),
    );
  };
  const whole = ['10.0.0.11:80 80', '10.0.0.12:80 80'];
  const meant: Readonly<Record<string, readonly string[]>> = {
    '10.0.0.11': ['10.0.0.11:80 80', '10.0.0.11:81 81'],
    '10.0.0.11:80': ['10.0.0.11:80 80'],
    ...{ web: whole, 'tcp:192.0.2.10:80': whole, '192.0.2.10:80': whole },
    ...{ '10.0.0.11@web': ['10.0.0.11:80 80'], '10.0.0.11:80@web': ['10.0.0.11:80 80'] },
  };
  const rows = [...section('health-checks', 'Maintenance by file').matchAll(/^\| (`.*?) +\|/gm)];
  const names = rows.flatMap(([, cell = '']) => [...cell.matchAll(/`(.*?)`/g)].map(([, name = '']) => name));
  expect(names.filter((name) => !name.startsWith('['))).toEqual(Object.keys(meant));
  for (const [name, servers] of Object.entries(meant)) {
    writeFileSync(join(directory, name), '');
    await until(`${name} keeps out`, async () => `${await keptOut()}` === `${servers}`);
    rmSync(join(directory, name));
  }
  await until('all are back', async () => (await keptOut()).length === 0);
});

test('drain: each command does what stands beside it', async () => {
  const namespace = await createNamespace('drain');
  const file =
    'services: [{name: web, tcp: "192.0.2.10:80", servers: [{address: 10.0.0.11, weight: 2}, 10.0.0.12]}]\n';
  await applied(namespace, file);
  const weight = async () =>
    / 10\.0\.0\.11:80 +\w+ +(\d+) /.exec((await namespace.ipvsadm('-Ln')).stdout)?.[1];
  const typed = commands(blocks(section('drain', 'Taking a real server out, and back'))[0] ?? '');
  const seen: string[] = [];
  for (const words of typed) {
    const { code } = await namespace.fairlead(words);
    seen.push(`${words}: ${code}, ${(await weight()) ?? 'removed'}`);
    if (words.startsWith('server remove')) await applied(namespace, file);
  }
  expect(seen).toEqual([
    'server drain 10.0.0.11 --deadline 5m: 0, 0',
    'server enable 10.0.0.11: 0, 2',
    'server disable 10.0.0.11 --service web: 0, 0',
    'server weight 10.0.0.11 3: 0, 3',
    'server remove 10.0.0.11 --drain: 0, removed',
    'server remove 10.0.0.11 --reset: 0, removed',
  ]);
});

test('operations: a reload, a hangup and an upgrade do what the page says, and the upgrade says so in its words', async () => {
  const namespace = await createNamespace('operations');
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'etc'));
  const path = join(directory, 'etc/fairlead.yaml');
  const write = (...ports: readonly number[]) =>
    writeFileSync(path, `services:\n${ports.map((port) => `  - tcp: 192.0.2.10:${port}\n`).join('')}`);
  const table = async () => (await namespace.ipvsadm('-Ln')).stdout.match(/:\d+ wlc/g);
  write(80);
  const { child } = namespace.start(`${root}bin/fairleadd`, '--config', path);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    log += piece;
  });
  await until('it is ready', () => log.includes(' ready '), 30_000);
  expect(await table()).toEqual([':80 wlc']);

  write(80, 443);
  expect(await namespace.fairlead('reload')).toMatchObject({ code: 0, stderr: '' });
  expect(await table()).toEqual([':80 wlc', ':443 wlc']);
  writeFileSync(path, 'services: 80\n');
  expect(await namespace.fairlead('reload')).toMatchObject({ code: 1, stdout: '' });
  expect(await table()).toEqual([':80 wlc', ':443 wlc']);
  write(443);
  child.kill('SIGHUP');
  await until('it has reloaded', async () => `${await table()}` === ':443 wlc');

  const [, shown = ''] = blocks(section('operations', 'Upgrade'))[0]?.split('\n') ?? [];
  const { code, stdout } = await namespace.fairlead('upgrade');
  const form = (line: string) =>
    line.replace(/\d+(\.\d+)*/g, 'N').replace(/programs replaced|the same programs/, 'P');
  expect([code, form(stdout)]).toEqual([0, `${form(shown)}\n`.replace('N services', 'N service')]);
});
