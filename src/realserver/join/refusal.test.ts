import { expect, test } from 'vitest';
import type { Address, Ipv4, Port } from '../../ipvs/address.ts';
import { address, lines, machineWith } from './machine.fixture.ts';
import { refusalOf } from './refusal.ts';
import type { Wanted } from './wanted.ts';

const vip = '192.0.2.100' as Address;
const usual: Wanted = {
  ...{ vips: [vip], way: 'auto', device: 'lo', rips: [], decapsulate: 'no' },
  ...{ guePort: 6080 as Port, lasting: true },
};
const own = address('eth0', '192.0.2.11/24');

test('nothing stands against an ordinary machine', () => {
  expect(refusalOf(usual, machineWith())).toBeUndefined();
});

test('an address that is where it belongs already is no obstacle', () => {
  const machine = machineWith({ addresses: [own, address('lo', '192.0.2.100/32')] });
  expect(refusalOf(usual, machine)).toBeUndefined();
});

test.for([
  ['no root', {}, { user: '1000' }, 'we are not root there'],
  ['another namespace', {}, { namespaces: ['net:[4]', 'net:[5]'] }, "not the machine's own: say --runtime"],
  ['no systemd', {}, { programs: ['ip'] }, 'there is no systemd'],
  ['no such interface', { device: 'eth7' }, {}, 'no such interface: eth7'],
  [
    'an interface that is down',
    { device: 'eth0' },
    { links: [lines.lo, lines.eth0.replace('UP,LOWER_UP', 'X')] },
    'interface eth0 is down',
  ],
  ['the same address twice', { vips: [vip, vip] }, {}, '192.0.2.100 is named twice'],
  ['a loopback address', { vips: ['127.0.0.2'] }, {}, '127.0.0.2 is a loopback address'],
  [
    "the machine's own address",
    { vips: ['192.0.2.11'] },
    {},
    "192.0.2.11/24 on eth0 is an address of the machine's own",
  ],
  [
    'an address that is both',
    { rips: [vip] },
    {},
    "192.0.2.100 is to be both a virtual address and the machine's own",
  ],
  [
    'the address elsewhere',
    {},
    { addresses: [own, address('eth0', '192.0.2.100/32')] },
    '192.0.2.100/32 is on eth0 already: ip address del 192.0.2.100/32 dev eth0',
  ],
  [
    'a shorter prefix',
    {},
    { addresses: [own, address('lo', '192.0.2.100/24')] },
    '192.0.2.100/24 is on lo already: ip address del 192.0.2.100/24 dev lo',
  ],
  [
    'another family',
    { vips: ['2001:db8::100'] },
    { addresses: [own] },
    '2001:db8::100 is of IPv6, and no Ethernet interface here has an IPv6 address',
  ],
  [
    'a stranger shown by ARP',
    { rips: ['192.0.2.77'] },
    {},
    '192.0.2.77 is none of its addresses, which are 192.0.2.11 2001:db8:1::11',
  ],
  [
    'no way at all',
    {},
    { works: [], programs: ['ip', 'systemctl'] },
    'no way to keep it from answering ARP: /proc/sys cannot be written; nft is not installed; arptables is not installed; Fairlead is not installed',
  ],
  [
    'a way that is not there',
    { way: 'arptables' },
    { programs: ['ip', 'systemctl'] },
    'no ARP isolation by arptables: arptables is not installed',
  ],
  [
    'switches that would not do',
    { way: 'sysctl', device: 'eth0' },
    {},
    "the kernel's switches do not silence addresses of eth0 itself",
  ],
  [
    'a switch that outweighs',
    {},
    { settings: ['conf/eth0/arp_ignore:3'] },
    'eth0 answers all the same: sysctl -w net.ipv4.conf.eth0.arp_ignore=0',
  ],
  [
    'IPv6 on the interface that is asked',
    { vips: ['2001:db8:1::100'], device: 'eth0' },
    {},
    '2001:db8:1::100 would be answered for on eth0',
  ],
  ['nothing that ends tunnels', { decapsulate: 'auto' }, {}, 'nothing there takes packets out of tunnels'],
  [
    'a tunnel device for IPv6',
    { vips: [vip, '2001:db8::1'], decapsulate: 'kernel' },
    {},
    'takes IPv4 out of IPv4 only',
  ],
] as const)('refused with one sentence: %s', ([, wanted, machine, sentence]) => {
  const refusal = refusalOf({ ...usual, ...(wanted as Partial<Wanted>) }, machineWith(machine)) ?? '';
  expect(refusal).toContain(sentence);
  expect(refusal).not.toContain('\n');
});

test('an address of its own may be named as the one that ARP shows', () => {
  const rips = ['192.0.2.11' as Ipv4];
  expect(refusalOf({ ...usual, device: 'dummy0', rips }, machineWith())).toBeUndefined();
});
