/** `fairlead realserver decapsulate`, as a person types it. */

import { beforeEach, expect, test } from 'vitest';
import { addInterface, createNamespace, type Namespace, needsRoot } from '../director/support.ts';

beforeEach(needsRoot);

const decapsulate = (namespace: Namespace, words: string) =>
  namespace.fairlead(`realserver decapsulate ${words}`);

async function interfacesOf(namespace: Namespace): Promise<readonly string[]> {
  const { stdout } = await decapsulate(namespace, 'status --json');
  return (JSON.parse(stdout) as { readonly interfaces: readonly string[] }).interfaces;
}

async function twoInterfaces(label: string): Promise<Namespace> {
  const namespace = await createNamespace(label);
  await addInterface(namespace, 'eth0');
  await addInterface(namespace, 'eth1');
  return namespace;
}

const quietly = { code: 0, stdout: '', stderr: '' };

test('it begins, says what it does, and ends; each may be said twice', async () => {
  const namespace = await twoInterfaces('cycle');
  expect(await decapsulate(namespace, 'status')).toEqual({
    code: 3,
    stdout: '',
    stderr: 'nothing is decapsulated in this network namespace\n',
  });
  const start = 'start -i eth0 --gue-port 5555 2001:DB8::1:0 192.0.2.100 192.0.2.100 192.0.2.9';
  expect(await decapsulate(namespace, start)).toEqual(quietly);
  expect(await decapsulate(namespace, start)).toEqual(quietly);

  const { code, stdout } = await decapsulate(namespace, 'status');
  expect(code).toBe(0);
  expect(stdout).toContain('Interfaces         eth0\n');
  expect(stdout).toContain('Virtual addresses  192.0.2.9 192.0.2.100 2001:db8::1:0\n');
  expect(stdout).toContain('GUE port           5555\n');
  expect(stdout).toMatch(/^ {2}gre +0 {2}decapsulated: GRE$/m);

  for (let time = 0; time < 2; time++) expect(await decapsulate(namespace, 'stop')).toEqual(quietly);
  expect((await decapsulate(namespace, 'status')).code).toBe(3);
});

test('other words take the place of those before, on other interfaces, too', async () => {
  const namespace = await twoInterfaces('again');
  await decapsulate(namespace, 'start -i eth0 192.0.2.100');
  await decapsulate(namespace, 'start -i eth1 --gue-port 7 192.0.2.101');
  const { stdout } = await decapsulate(namespace, 'status --json');
  expect(JSON.parse(stdout)).toMatchObject({ interfaces: ['eth1'], vips: ['192.0.2.101'], guePort: 7 });
  expect(await namespace.must('tc', 'filter', 'show', 'dev', 'eth0', 'ingress')).toBe('');
});

test('without names every Ethernet interface has it, and one can be left out again', async () => {
  const namespace = await twoInterfaces('every');
  await decapsulate(namespace, 'start 192.0.2.100');
  expect(await interfacesOf(namespace)).toEqual(expect.arrayContaining(['eth0', 'eth1']));
  await decapsulate(namespace, 'stop -i eth0');
  expect(await interfacesOf(namespace)).not.toContain('eth0');
});

test.for([
  ['no address', 'start', "missing required argument 'vips'"],
  ['what is no address', 'start 192.0.2', 'It is not an IP address.'],
  ['an address that nobody can have', 'start 224.0.0.1', 'It is not a unicast address.'],
  ['port 0', 'start --gue-port 0 192.0.2.1', 'It is a number from 1 to 65535.'],
  ['an interface that is not there', 'start -i eth0 -i eth7 192.0.2.1', 'No such interface: eth7'],
  ['an interface that is not Ethernet', 'start -i lo 192.0.2.1', 'Not an Ethernet interface: lo'],
  ['to end it where there is no interface', 'stop -i eth7', 'No such interface: eth7'],
] as const)('%s is refused in one line, and nothing has changed', async ([, words, line]) => {
  const namespace = await createNamespace('refused');
  await addInterface(namespace, 'eth0');
  await decapsulate(namespace, 'start -i eth0 192.0.2.100');
  const before = await decapsulate(namespace, 'status');

  const { code, stdout, stderr } = await decapsulate(namespace, words);
  expect(code).toBeGreaterThan(0);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^fairlead: [^\n]+\n$/);
  expect(stderr).toContain(line);
  expect(await decapsulate(namespace, 'status')).toEqual(before);
});

test('an interface that shares its filters with others is not touched, and does not stand in the way', async () => {
  const namespace = await twoInterfaces('shared');
  await namespace.must('tc', 'qdisc', 'add', 'dev', 'eth1', 'ingress_block', '22', 'clsact');
  expect(await decapsulate(namespace, 'start -i eth0 192.0.2.100')).toEqual(quietly);
  expect((await decapsulate(namespace, 'start 192.0.2.101')).stderr).toContain(': eth1: ');
  expect(await interfacesOf(namespace)).toEqual(['eth0']);
});

test("somebody else's program in its place is left alone", async () => {
  const namespace = await twoInterfaces('foreign');
  await decapsulate(namespace, 'start -i eth0 192.0.2.100');
  await namespace.must('tc', 'qdisc', 'add', 'dev', 'eth1', 'clsact');
  const other = 'prio 40 handle 0xf1 bpf direct-action object-file bpf/director.bpf.o section tc';
  const added = await namespace.run(['tc', 'filter', 'add', 'dev', 'eth1', 'ingress', ...other.split(' ')]);
  expect(added.code).toBe(0);

  const { stderr } = await decapsulate(namespace, 'start 192.0.2.101');
  expect(stderr).toMatch(
    /^fairlead: The hook cannot be attached .*: eth1: its place is another program's, or shared\n$/,
  );
  expect(await interfacesOf(namespace)).toEqual(['eth0']);
});

test('when one interface refuses it, the others have what they had before', async () => {
  const namespace = await twoInterfaces('halfway');
  await decapsulate(namespace, 'start -i eth0 192.0.2.100');
  await namespace.must('tc', 'qdisc', 'add', 'dev', 'eth1', 'clsact');
  // A priority belongs to one protocol, and ours is for all of them.
  const other = 'protocol ip prio 40 bpf direct-action object-file bpf/realserver.bpf.o section tc';
  await namespace.must('tc', 'filter', 'add', 'dev', 'eth1', 'ingress', ...other.split(' '));

  const { code, stderr } = await decapsulate(namespace, 'start -i eth0 -i eth1 192.0.2.101');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^fairlead: [^\n]+\n$/);
  const { stdout } = await decapsulate(namespace, 'status --json');
  expect(JSON.parse(stdout)).toMatchObject({ interfaces: ['eth0'], vips: ['192.0.2.100'] });
});
