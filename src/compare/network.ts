/** The director that scenarios are played on: its interfaces and addresses, and the hosts around it. Pure. */

import { isIpv6 } from './scenario.ts';

export type Host = {
  readonly name: string;
  /** The director's interface it is reached through. */
  readonly interface: number;
  readonly mac: string;
  readonly address: string;
  readonly address6: string;
};

const host = (name: string, device: number, number: number): Host => ({
  name,
  interface: device,
  mac: `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`,
  address: `10.0.${device}.${number}`,
  address6: `fd0${device}::${number.toString(16)}`,
});

/** In front of everything that is not on the two networks. */
export const router = host('router', 0, 254);

export const servers: readonly Host[] = [
  host('rs1', 0, 11),
  host('rs2', 0, 12),
  host('rs3', 0, 13),
  host('rs4', 1, 14),
  host('rs5', 1, 15),
];

/** The director, where it is a real server itself. */
export const self: Host = { ...host('director', 0, 2), mac: '02:00:00:00:00:02' };

export const clients: readonly Host[] = [
  ...Array.from({ length: 6 }, (_, index) => host(`client${index + 1}`, 0, 201 + index)),
];

/** Clients behind the router. */
export const farClients = { ipv4: ['198.51.100.7', '203.0.113.9'], ipv6: ['2001:db8::7', '2001:db8:9::9'] };

/**
 * Scenarios that are played one after the other on the same director keep out of each other's way: each slot has
 * virtual addresses and client ports of its own.
 */
export const slots = 7;

export type Slot = {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly firstClientPort: number;
  /** Firewall marks. */
  readonly marks: readonly number[];
};

export const clientPorts = 64;

export function slotOf(number: number): Slot {
  const slot = number % slots;
  const numbers = [100 + 2 * slot, 101 + 2 * slot];
  return {
    ipv4: numbers.map((each) => `10.0.0.${each}`),
    ipv6: numbers.map((each) => `fd00::${each}`),
    firstClientPort: 1024 + slot * clientPorts,
    marks: [16 * slot + 1, 16 * slot + 2, 2 ** 32 - 1 - slot],
  };
}

const vips: readonly string[] = Array.from({ length: slots }, (_, slot) => slotOf(slot)).flatMap(
  ({ ipv4, ipv6 }) => [...ipv4, ...ipv6],
);

export const directorMacs = ['02:00:00:00:00:02', '02:00:00:00:01:02'] as const;

export const ownAddresses: readonly string[] = [...['10.0.0.2', '10.0.1.2', 'fd00::2', 'fd01::2'], ...vips];

const neighbours: readonly Host[] = [router, ...servers, ...clients];

/** The host a frame goes to, or the MAC where nobody has it. */
export function hostOfMac(mac: string): string {
  return neighbours.find((neighbour) => neighbour.mac === mac)?.name ?? mac;
}

function hostOfAddress(address: string): Host | undefined {
  return neighbours.find((neighbour) => [neighbour.address, neighbour.address6].includes(address));
}

/** Ports of GUE tunnels on real servers. */
export const guePorts: readonly number[] = [6080, 5555];

/** Under /proc/sys/net, before there are interfaces. No checks of paths, no redirects, no ICMP rate limits, no flow labels by chance. */
export const sysctls: readonly (readonly [string, string])[] = [
  ['ipv4/ip_forward', '1'],
  ['ipv4/icmp_ratelimit', '0'],
  ['ipv4/conf/all/rp_filter', '0'],
  ['ipv4/conf/default/rp_filter', '0'],
  ['ipv4/conf/all/send_redirects', '0'],
  ['ipv4/conf/default/send_redirects', '0'],
  ['ipv6/conf/all/forwarding', '1'],
  ['ipv6/conf/default/accept_dad', '0'],
  ['ipv6/icmp/ratelimit', '0'],
  ['ipv6/auto_flowlabels', '0'],
];

/** Lines for `ip -batch` on the director; `WIRE0` is the other end of eth0. */
export const links: readonly string[] = [
  'link set lo up',
  ...directorMacs.flatMap((mac, index) => [
    `link add eth${index} address ${mac} type veth peer name WIRE${index}`,
    `link set eth${index} up`,
    `address add 10.0.${index}.2/24 dev eth${index}`,
    `address add fd0${index}::2/64 dev eth${index} nodad`,
  ]),
  ...vips.map((vip) =>
    isIpv6(vip) ? `address add ${vip}/128 dev eth0 nodad` : `address add ${vip}/32 dev eth0`,
  ),
  ...neighbours.flatMap(({ address, address6, mac, interface: device }) =>
    [address, address6].map((each) => `neighbour add ${each} lladdr ${mac} dev eth${device} nud permanent`),
  ),
  `route add default via ${router.address}`,
  `route add default via ${router.address6}`,
];

/** The MAC that a frame from this address bears: of the host itself, or of the router in front of it. */
export function macOf(address: string): string {
  return (hostOfAddress(address) ?? router).mac;
}

/** A host's address of one family. */
export function addressOf({ address, address6 }: Host, ipv6: boolean): string {
  return ipv6 ? address6 : address;
}
