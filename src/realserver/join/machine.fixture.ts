/** A machine's answers for tests: a Debian server with one interface, and what differs. */

import { type Machine, readMachine } from './machine.ts';

type Differences = {
  readonly links?: readonly string[];
  readonly addresses?: readonly string[];
  readonly settings?: readonly string[];
  readonly works?: readonly string[];
  readonly programs?: readonly string[];
  readonly fairlead?: string;
  readonly user?: string;
  readonly namespaces?: readonly string[];
  readonly routes?: readonly string[];
  readonly rules?: readonly string[];
};

const ether = 'link/ether 02:00:c0:00:02:0b brd ff:ff:ff:ff:ff:ff promiscuity 0 \\    veth addrgenmode eui64';
export const lines = {
  lo: '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN \\    link/loopback 00:00:00:00:00:00',
  eth0: `2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP \\    ${ether}`,
  eth1: `3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP \\    ${ether}`,
  dummy0:
    '4: dummy0: <BROADCAST,NOARP,UP> mtu 1500 qdisc noqueue state UNKNOWN \\    link/ether 1a:2b:3c:4d:5e:6f brd ff:ff:ff:ff:ff:ff promiscuity 0 \\    dummy addrgenmode eui64',
} as const;

export function address(device: string, prefix: string): string {
  const family = prefix.includes(':') ? 'inet6' : 'inet';
  return `2: ${device}    ${family} ${prefix} scope global ${device}\\       valid_lft forever preferred_lft forever`;
}

export function machineWith(differences: Differences = {}): Machine {
  const sections = {
    name: ['server2'],
    user: [differences.user ?? '0'],
    namespaces: differences.namespaces ?? ['net:[4026531833]', 'net:[4026531833]'],
    programs: differences.programs ?? ['ip', 'sysctl', 'nft', 'arptables', 'systemctl'],
    fairlead: differences.fairlead === undefined ? [] : [differences.fairlead],
    works: differences.works ?? ['sysctl', 'arptables', 'nftables'],
    links: differences.links ?? [lines.lo, lines.eth0],
    addresses: differences.addresses ?? [
      address('eth0', '192.0.2.11/24'),
      address('eth0', '2001:db8:1::11/64'),
    ],
    routes: differences.routes ?? ['default via 192.0.2.254 dev eth0 '],
    settings: (differences.settings ?? []).map((setting) => `/proc/sys/net/ipv4/${setting}`),
    rules: differences.rules ?? [],
    end: [],
  };
  const text = Object.entries(sections).map(([title, answers]) => [`@${title}`, ...answers, ''].join('\n'));
  const machine = readMachine(text.join(''));
  if (!machine) throw new Error('the answers are not complete');
  return machine;
}
