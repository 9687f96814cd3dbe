/** The machine that the goldens of test/golden/ were recorded on (its README.md), as the model asks for it. */

import { type Address, addressToBytes, familyOf } from '../../../ipvs/address.ts';
import type { Interface, Route, World } from '../memory.ts';

export const deviceIndexes: Readonly<Record<string, number>> = { eth0: 2, eth1: 3 };

export type GoldenWorld = World & {
  /** Passes time. */
  wait(seconds: number): void;
  /** `ip route add …`, `ip link set …` and their like, as the recordings have them. */
  ip(words: readonly string[]): void;
};

type Target = {
  readonly prefix: string;
  readonly route: Partial<Extract<Route, { kind: 'via' }>> | 'local' | 'unreachable';
};

/** The more a prefix says the earlier it stands: the first that fits is taken. */
const targets: readonly Target[] = [
  ...['10.0.0.2', '10.0.0.255', '10.1.0.2', '10.0.0.100', 'fd00::2', 'fd01::2', 'fd00::100', '::1'].map(
    (address): Target => ({ prefix: `${address}/${address.includes(':') ? 128 : 32}`, route: 'local' }),
  ),
  { prefix: '127.0.0.0/8', route: 'local' },
  { prefix: '10.0.0.0/24', route: { interface: 2 } },
  { prefix: '10.1.0.0/24', route: { interface: 3 } },
  { prefix: '10.2.0.0/24', route: { interface: 3, nextHop: '10.1.0.17' as Address } },
  { prefix: '0.0.0.0/0', route: { interface: 2, nextHop: '10.0.0.1' as Address } },
  { prefix: 'fd00::/64', route: { interface: 2 } },
  { prefix: 'fd01::/64', route: { interface: 3 } },
  { prefix: 'fd02::/64', route: { interface: 3, nextHop: 'fd01::11' as Address } },
  { prefix: '::/0', route: { interface: 2, nextHop: 'fd00::1' as Address } },
];

/** Where an interface has several addresses, the one the kernel chooses. */
const sources: Readonly<Record<number, readonly [string, string]>> = {
  2: ['10.0.0.2', 'fd00::100'],
  3: ['10.1.0.2', 'fd01::2'],
};

const macEndingIn = (octet: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, octet);

export function createGoldenWorld(): GoldenWorld {
  let now = 1_000_000_000_000n;
  let known = [...targets];
  const interfaces = new Map<number, Interface>([
    [2, { name: 'eth0', mac: macEndingIn(2), mtu: 1500, xdp: true }],
    [3, { name: 'eth1', mac: macEndingIn(3), mtu: 1500, xdp: true }],
  ]);
  return {
    clock: () => now,
    wait: (seconds) => {
      now += BigInt(Math.round(seconds * 1e9));
    },
    interfaces,
    draw: (limit) => Math.floor(Math.random() * limit),
    routes(address) {
      const target = known.find(({ prefix }) => isUnder(address, prefix))?.route ?? 'unreachable';
      if (typeof target === 'string') return { kind: target };
      const { interface: index = 0, nextHop = address, mtu = interfaces.get(index)?.mtu ?? 0 } = target;
      const source = sources[index]?.[familyOf(address) === 4 ? 0 : 1] as Address;
      return {
        kind: 'via',
        interface: index,
        nextHop,
        mtu,
        source,
        mac: macEndingIn(addressToBytes(nextHop).at(-1) ?? 0),
      };
    },
    ip(words) {
      const [object = '', verb = '', kind = '', ...rest] = words.filter((word) => word !== '-6');
      const wordAfter = (name: string): string | undefined => words[words.indexOf(name) + 1];
      if (object === 'link' && verb === 'set') {
        const index = deviceIndexes[kind] ?? 0;
        const device = interfaces.get(index);
        if (device) interfaces.set(index, { ...device, mtu: Number(wordAfter('mtu')) });
      } else if (object === 'route' && (kind === 'unreachable' || kind === 'blackhole')) {
        known = [{ prefix: whole(rest[0] ?? ''), route: 'unreachable' }, ...known];
      } else if (object === 'route' && words.includes('mtu')) {
        const route = {
          interface: deviceIndexes[wordAfter('dev') ?? ''] ?? 0,
          mtu: Number(wordAfter('mtu')),
        };
        known = [{ prefix: whole(kind), route }, ...known];
      } else if (object === 'addr' || object === 'rule' || words.includes('local')) {
        const address = object === 'addr' ? kind : undefined;
        if (address) known = [{ prefix: whole(address.split('/')[0] ?? ''), route: 'local' }, ...known];
      } else throw new Error(`ip ${words.join(' ')}`);
    },
  };
}

function whole(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

function isUnder(address: Address, prefix: string): boolean {
  const [network = '', length = '0'] = prefix.split('/');
  if (familyOf(address) !== familyOf(network as Address)) return false;
  const own = addressToBytes(address);
  return addressToBytes(network as Address).every((octet, index) => {
    const bits = Math.min(8, Math.max(0, Number(length) - index * 8));
    return (((octet ^ (own[index] ?? 0)) << bits) & 0xff00) === 0;
  });
}
