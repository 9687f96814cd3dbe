/**
 * The network around the director under test, as data: the one the goldens of the wire were recorded in
 * (test/golden/record-wire.py), and a few places more. Its own words for the BPF side (`ip`), its own routes for
 * the model. Pure.
 */

import type { Mac } from './frame/fields.ts';

export type WorldInterface = {
  readonly name: string;
  readonly mac: Mac;
  readonly mtu: number;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
};

export type Neighbour = { readonly address: string; readonly mac: Mac; readonly interface: string };

/** `via` nobody: unreachable. */
export type WorldRoute = {
  readonly prefix: string;
  readonly via?: string;
  readonly interface?: string;
  readonly mtu?: number;
};

export type World = {
  readonly interfaces: readonly WorldInterface[];
  readonly neighbours: readonly Neighbour[];
  readonly routes: readonly WorldRoute[];
  /** Prefixes that are delivered here although no interface has them. */
  readonly local: readonly string[];
};

export const vip = '10.0.0.100';
export const vip6 = 'fd00::100';

/** eth0 is the clients' side, with real servers .11 to .14; eth1 the servers' side. */
export const interfaces: readonly WorldInterface[] = [
  {
    name: 'eth0',
    mac: '02:00:00:00:00:02',
    mtu: 1500,
    addresses: [
      '10.0.0.2/24',
      'fd00::2/64',
      `${vip}/32`,
      '10.0.0.102/32',
      `${vip6}/128`,
      'fd00:0:0:1::102/128',
    ],
  },
  { name: 'eth1', mac: '02:00:00:00:00:03', mtu: 1500, addresses: ['10.1.0.2/24', 'fd01::2/64'] },
];

/** The last octets of addresses and MACs. Permanent neighbours, so that their MACs are known without asking. */
const hosts: readonly (readonly [string, readonly number[]])[] = [
  ['eth0', [1, 11, 12, 13, 14, 200, 201]],
  ['eth1', [17, 27, 28, 29, 30]],
];

const hex = (value: number): string => value.toString(16);
const macOfHost = (host: number): Mac => `02:00:00:00:00:${hex(host).padStart(2, '0')}`;

const neighbours: readonly Neighbour[] = hosts.flatMap(([device, numbers], net) =>
  numbers.flatMap((host) =>
    [`10.${net}.0.${host}`, `fd0${net}::${hex(host)}`].map((address) => ({
      address,
      mac: macOfHost(host),
      interface: device,
    })),
  ),
);

/**
 * A narrow way to 10.3.0.0/24 and fd03::/64, none to 198.18.0.0/24 and fd09::/64. MTUs
 * are locked: of IPv6, bpf_fib_lookup() sees no others (ip6_mtu_from_fib6()).
 */
const routes: readonly WorldRoute[] = [
  { prefix: '0.0.0.0/0', via: '10.0.0.1', interface: 'eth0' },
  { prefix: '::/0', via: 'fd00::1', interface: 'eth0' },
  { prefix: '10.2.0.0/24', via: '10.1.0.17', interface: 'eth1' },
  { prefix: 'fd02::/64', via: 'fd01::11', interface: 'eth1' },
  { prefix: '10.3.0.0/24', via: '10.1.0.17', interface: 'eth1', mtu: 1300 },
  { prefix: 'fd03::/64', via: 'fd01::11', interface: 'eth1', mtu: 1300 },
  { prefix: '198.18.0.0/24' },
  { prefix: 'fd09::/64' },
];

export const world: World = { interfaces, neighbours, routes, local: [] };

/** Lines for `ip -batch`; the other end of eth0 is `eth0` in the namespace `peer`, and so on. */
export function worldLines(peer: string): readonly string[] {
  return [
    'link set lo up',
    ...interfaces.flatMap(({ name, mac, mtu, addresses }, index) => [
      `link add ${name} address ${mac} mtu ${mtu} type veth peer name ${name} address ${peerMac(index)} mtu ${mtu} netns ${peer}`,
      `link set ${name} up`,
      ...addresses.map(
        (address) => `address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`,
      ),
    ]),
    ...routes.map(({ prefix, via, interface: device, mtu }) =>
      via === undefined
        ? `route add unreachable ${prefix}`
        : `route add ${prefix} via ${via} dev ${device}${mtu === undefined ? '' : ` mtu lock ${mtu}`}`,
    ),
    ...neighbours.map(
      ({ address, mac, interface: device }) =>
        `neigh add ${address} lladdr ${mac} dev ${device} nud permanent`,
    ),
  ];
}

/** The other end of the wire of an interface: on eth0 the client's own. */
function peerMac(index: number): Mac {
  return index === 0 ? '02:00:00:00:00:aa' : `02:00:00:00:01:a${index}`;
}

export function macOfInterface(name: string): Mac {
  return interfaces.find((each) => each.name === name)?.mac ?? '';
}

/** The interface that leads to a neighbour. */
export function interfaceTo(address: string): string {
  return neighbours.find((each) => each.address === address)?.interface ?? 'eth0';
}

/** What frames for a neighbour bear as their destination. */
export const macs: Readonly<Record<string, Mac>> = Object.fromEntries(
  neighbours.map(({ address, mac }) => [address, mac]),
);

/** The world after `ip WORDS`, for the few commands that tests give. */
export function changed(before: World, words: string): World {
  const [object = '', verb = '', ...rest] = words.split(' ');
  const after = (name: string): string | undefined => rest[rest.indexOf(name) + 1 || rest.length];
  const [first = ''] = rest;
  switch (`${object} ${verb}`) {
    case 'address add':
    case 'address replace':
      return withAddresses(before, after('dev'), (addresses) => [...new Set([...addresses, first])]);
    case 'address del':
      return withAddresses(before, after('dev'), (addresses) => addresses.filter((each) => each !== first));
    case 'neigh replace': {
      const neighbour = { address: first, mac: after('lladdr') ?? '', interface: after('dev') ?? '' };
      const others = before.neighbours.filter(({ address }) => address !== first);
      return { ...before, neighbours: [...others, neighbour] };
    }
    case 'link set': {
      const [device = '', , mtu] = rest;
      const narrowed = (each: WorldInterface): WorldInterface =>
        each.name === device ? { ...each, mtu: Number(mtu) } : each;
      return { ...before, interfaces: before.interfaces.map(narrowed) };
    }
    case 'route add':
    case 'route del':
      return withRoute(before, verb === 'add', rest, after);
    default:
      throw new Error(`a world knows no \`ip ${words}\``);
  }
}

function withAddresses(
  before: World,
  device: string | undefined,
  change: (addresses: readonly string[]) => readonly string[],
): World {
  const change1 = (each: WorldInterface): WorldInterface =>
    each.name === device ? { ...each, addresses: change(each.addresses) } : each;
  return { ...before, interfaces: before.interfaces.map(change1) };
}

function withRoute(
  before: World,
  adds: boolean,
  words: readonly string[],
  after: (name: string) => string | undefined,
): World {
  const [kind = '', second = ''] = words;
  if (kind === 'local') {
    const others = before.local.filter((prefix) => prefix !== second);
    return { ...before, local: adds ? [...others, second] : others };
  }
  const prefix = kind === 'unreachable' ? second : kind === 'default' ? '0.0.0.0/0' : kind;
  const others = before.routes.filter((route) => route.prefix !== prefix);
  if (!adds) return { ...before, routes: others };
  const [via, device, mtu] = [after('via'), after('dev'), after('lock') ?? after('mtu')];
  const route = {
    ...{ prefix, ...(via && { via }), ...(mtu && { mtu: Number(mtu) }) },
    ...(kind !== 'unreachable' && { interface: device ?? interfaceTo(via ?? '') }),
  };
  return { ...before, routes: [...others, route] };
}

/** What takes `ip WORDS` back, in the usual world. */
export function undone(words: string): string {
  const [object = '', verb = '', ...rest] = words.split(' ');
  const [first = '', second = ''] = rest;
  if (object === 'link') return `link set ${first} mtu ${interfaces.find(({ name }) => name === first)?.mtu}`;
  if (object === 'neigh') return `neigh replace ${first} lladdr ${macs[first]} ${rest.slice(3).join(' ')}`;
  if (object === 'address') return `address ${verb === 'del' ? 'add' : 'del'} ${rest.join(' ')}`;
  if (verb === 'del')
    return `route add ${first === 'default' ? 'default via 10.0.0.1 dev eth0' : rest.join(' ')}`;
  return `route del ${['local', 'unreachable', 'blackhole'].includes(first) ? `${first} ${second}` : first}`;
}
