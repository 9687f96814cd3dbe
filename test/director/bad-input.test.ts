/** Mistakes and machines that cannot: one clear line, the right exit code, and everything as it was. */

import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createClient } from '../../src/api/client.ts';
import { socketPath } from '../../src/api/paths.ts';
import { daemonsOf, statusOf, tcProgram } from './daemon.ts';
import { must, until } from './processes.ts';
import { command } from './segment.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

const badVirtual = 'illegal virtual server address[:port] specified';
const badReal = 'illegal real server address[:port] specified';
const notUnicast = 'Invalid operation.  Possibly wrong module version, address not unicast, ...';
const mixedFamily = 'Different address family is allowed only for tunneling servers';

/** Lines and codes of ipvsadm 1.31 on kernel IPVS. */
const mistakes: readonly (readonly [words: string, line: string, code: number])[] = [
  ['-A -t 10.0.0.101:80 -s nosuch', 'Scheduler or persistence engine not found', 255],
  ['-E -t 10.0.0.100:80 -s nosuch', 'Scheduler or persistence engine not found', 255],
  ['-A -t 10.0.0.100:80 -s rr', 'Service already exists', 255],
  ['-A -t 10.0.0.100:80 -s nosuch', 'Service already exists', 255],
  ['-E -t 10.9.9.9:80 -s rr', 'No such service', 255],
  ['-D -t 10.9.9.9:80', 'No such service', 255],
  ['-Z -t 10.9.9.9:80', 'No such service', 255],
  ['-Ln -t 10.9.9.9:80', 'No such service', 1],
  ['-D -u 10.0.0.100:80', 'No such service', 255],
  ['-a -t 10.9.9.9:80 -r 10.0.0.11', 'Service not defined', 255],
  ['-e -t 10.9.9.9:80 -r 10.0.0.11', 'Service not defined', 255],
  ['-d -t 10.9.9.9:80 -r 10.0.0.11', 'Service not defined', 255],
  ['-e -t 10.0.0.100:80 -r 10.0.0.12', 'No such destination', 255],
  ['-d -t 10.0.0.100:80 -r 10.0.0.12', 'No such destination', 255],
  ['-a -t 10.0.0.100:80 -r 10.0.0.11 -w 7', 'Destination already exists', 255],
  ['-a -t 10.0.0.100:80 -r 224.0.0.1', notUnicast, 255],
  ['-A -t 10.0.0.101:70000', badVirtual, 2],
  ['-a -t 10.0.0.100:80 -r 10.0.0.12:70000', badReal, 2],
  ['-A -t no-such-host.invalid:80', badVirtual, 2],
  ['-a -t 10.0.0.100:80 -r no-such-host.invalid', badReal, 2],
  ['-A -t 300.0.0.1:80', badVirtual, 2],
  ['-A -t 10.0.0.101', 'Zero port specified for non-persistent service', 2],
  ['-a -t 10.0.0.100:80 -r 10.0.0.12 -w -1', 'illegal weight specified', 2],
  ['-a -t 10.0.0.100:80 -r 10.0.0.12 -w many', 'illegal weight specified', 2],
  ['-A', "You need to supply the 'service-address' option for the 'add-service' command", 2],
  ['-A -t 10.0.0.101:80 -m', "Illegal 'forwarding-method' option with the 'add-service' command", 2],
  ['-A -t 10.0.0.101:80 extra', 'unexpected argument extra', 2],
  ['-A -t 10.0.0.101:80 --nosuch', '--nosuch: unknown option', 255],

  ['-A -t 10.0.0.101:80 -o', 'One-Packet Scheduling is only for UDP virtual services', 2],
  ['-a -t 10.0.0.100:80 -r 10.0.0.12 -x 1 -y 2', 'Numerical result out of range', 255],
  ['-a -t 10.0.0.100:80 -r [fd00::1]:80 -g', mixedFamily, 2],
  ['-A -f 0', "invalid fwmark value `0' specified", 2],
];

test('each mistake on the command line gets one line and its code, and changes nothing', async () => {
  const namespace = await createServing();
  const { call } = createClient(socketPath(namespace.inode));
  const services = await call('listServices', {});
  const listing = await namespace.ipvsadm('-Ln');
  for (const [words, line, code] of mistakes) {
    expect(await namespace.ipvsadm(words), words).toEqual({ stdout: '', stderr: `${line}\n`, code });
    expect(await call('listServices', {}), `after ${words}`).toEqual(services);
  }
  expect(await namespace.ipvsadm('-Ln')).toEqual(listing);
});

describe('whoever is not root', () => {
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

  test.each([
    ['-Ln', 'where a daemon runs', true],
    ['-C', 'where a daemon runs', true],
    ['-A -t 10.0.0.101:80', 'where none runs', false],
  ])('is refused ipvsadm %s %s', async (words, _, running) => {
    const namespace = running ? await createServing() : await createNamespace('nobody');
    const outcome = await namespace.run([...asNobody, bin.ipvsadm, ...words.split(' ')]);
    const line = "Can't initialize ipvs: Permission denied (you must be root)\n";
    expect(outcome).toEqual({ stdout: '', stderr: line, code: 2 });
    expect(daemonsOf(namespace.inode).length).toBe(running ? 1 : 0);
    if (running) expect((await namespace.ipvsadm('-Ln')).stdout).toContain('TCP  10.0.0.100:80 rr\n');
  });

  test.each(['status', 'interface eth0 off', 'unload'])('is refused fairlead %s', async (words) => {
    const namespace = await createServing();
    const outcome = await namespace.run([...asNobody, bin.fairlead, ...words.split(' ')]);
    const line = 'fairlead: this must be run as root (try sudo)\n';
    expect(outcome).toEqual({ stdout: '', stderr: line, code: 1 });
    expect((await namespace.ipvsadm('-Ln')).stdout).toContain('TCP  10.0.0.100:80 rr\n');
    expect(await tcProgram(namespace, 'eth0')).toBeGreaterThan(0);
  });
});

test.each([
  ['has no bpf(2)', 38, 'ENOSYS'],
  ['forbids bpf(2)', 1, 'EPERM'],
])('on a kernel that %s, ipvsadm says so and leaves nothing running', async (_, errno, name) => {
  const namespace = await createNamespace('nobpf');
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  const helper = [process.execPath, join(root, 'test/director/without-bpf.mjs'), String(errno)];
  for (const words of ['-Ln', '-A -t 10.0.0.100:80 -s rr']) {
    const outcome = await namespace.run([...helper, bin.ipvsadm, ...words.split(' ')]);
    expect(outcome).toMatchObject({ stdout: '', code: 2 });
    expect(outcome.stderr).toMatch(/^Can't initialize ipvs: this kernel refuses BPF: [^\n]+\n$/);
    expect(outcome.stderr).toContain(name);
  }
  // The command hears of the refusal before the daemon has ended.
  await until('no daemon', () => daemonsOf(namespace.inode).length === 0);
  expect(await tcProgram(namespace, 'lo')).toBeUndefined();
  expect(await tcProgram(namespace, 'eth0')).toBeUndefined();
  expect((await namespace.ipvsadm('-Ln')).code, 'and a kernel with BPF goes on from there').toBe(0);
});

describe('interfaces that cannot carry the director', () => {
  test('one without Ethernet does not disturb ipvsadm, and is named when it is asked for', async () => {
    const namespace = await createServing();
    await must(['ip', '-n', namespace.name, 'tuntap', 'add', 'tun0', 'mode', 'tun']);
    await must(['ip', '-n', namespace.name, 'link', 'set', 'tun0', 'up']);
    await until('tun0 is seen', async () =>
      (await statusOf(namespace)).interfaces.some(({ name }) => name === 'tun0'),
    );
    await refuses(namespace, 'interface tun0 tc', 'Not an Ethernet interface: tun0');
    await refuses(namespace, 'interface lo tc', 'Not an Ethernet interface: lo');
    expect(await tcProgram(namespace, 'tun0')).toBeUndefined();
    await command(namespace, '-A -t 10.0.0.101:80 -s rr');
    const { interfaces } = await statusOf(namespace);
    expect(interfaces.find(({ name }) => name === 'tun0')).toMatchObject({
      hooks: [],
      note: 'not an Ethernet interface',
    });
  });

  test('one that does not exist, or whose driver has no XDP, is refused, and all is as it was', async () => {
    const namespace = await createServing();
    await must(['ip', '-n', namespace.name, 'link', 'add', 'br0', 'type', 'bridge']);
    await must(['ip', '-n', namespace.name, 'link', 'set', 'br0', 'up']);
    await until('br0 is seen', async () =>
      (await statusOf(namespace)).interfaces.some(({ name }) => name === 'br0'),
    );
    await refuses(namespace, 'interface eth7 tc', 'No such interface: eth7');
    await refuses(
      namespace,
      'interface br0 xdp',
      'The hook cannot be attached to this interface: br0: no native XDP: bpf_xdp_attach: ENOTSUP (operation not supported on socket)',
    );
  });
});

async function refuses(namespace: Namespace, words: string, line: string): Promise<void> {
  const state = async () => (await statusOf(namespace)).interfaces;
  const before = await state();
  expect(await namespace.fairlead(words)).toEqual({ stdout: '', stderr: `fairlead: ${line}\n`, code: 1 });
  expect(await state()).toEqual(before);
}

/** A namespace with a service and a real server. */
async function createServing(): Promise<Namespace> {
  const namespace = await createNamespace('serving');
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  await command(namespace, '-a -t 10.0.0.100:80 -r 10.0.0.11 -g -w 3');
  return namespace;
}
