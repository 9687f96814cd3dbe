/** Where an address is in a world of world.ts, as the kernel would say: longest prefix first, this host before all. */

import type { Route } from '../../src/dataplane/model/memory.ts';
import { type Address, addressFromBytes, addressToBytes, parseAddress } from '../../src/ipvs/address.ts';
import { macOf } from './frame/build.ts';
import type { World, WorldInterface } from './world.ts';

/** `index` is that of the interface, as `ip link` numbers them. */
type Entry = {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly via: Address | undefined;
  readonly index: number | undefined;
  readonly mtu: number | undefined;
};

/** The first interface of a namespace behind lo has number 2. */
export function indexOf(world: World, name: string): number {
  return world.interfaces.findIndex((each) => each.name === name) + 2;
}

/** A table made once; it answers for the world as it was then. */
export function routesOf(world: World): (address: Address) => Route {
  const own = new Set<Address>(world.interfaces.flatMap((each) => each.addresses.map(addressPart)));
  const entries = entriesOf(world);
  const neighbours = new Map(world.neighbours.map(({ address, mac }) => [address, macOf(mac)]));
  const known = new Map<Address, Route>();
  const find = (address: Address): Route => {
    const bytes = addressToBytes(address);
    const isOwn = own.has(address) || (bytes.length === 4 && bytes[0] === 127) || address === '::1';
    if (isOwn || world.local.some((prefix) => fits(entryOf(prefix), bytes))) return { kind: 'local' };
    const entry = entries.find((each) => fits(each, bytes));
    // bpf_fib_lookup() says the same of no route at all as of this host.
    if (!entry) return { kind: 'local' };
    const device = entry.index === undefined ? undefined : world.interfaces[entry.index - 2];
    if (!device || entry.index === undefined) return { kind: 'unreachable' };
    if (isBroadcast(device, bytes)) return { kind: 'local' };
    const nextHop = entry.via ?? address;
    const mac = neighbours.get(nextHop);
    const source = sourceOf(device, address);
    return {
      ...{ kind: 'via', interface: entry.index, nextHop, mtu: entry.mtu ?? device.mtu, source },
      ...(mac && { mac }),
    };
  };
  return (address) => {
    let route = known.get(address);
    if (!route) {
      route = find(address);
      known.set(address, route);
    }
    return route;
  };
}

function entriesOf(world: World): readonly Entry[] {
  const connected = world.interfaces.flatMap(({ name, addresses }) =>
    addresses.map((prefix) => ({ ...entryOf(prefix), index: indexOf(world, name) })),
  );
  const routes = world.routes.map(({ prefix, via, interface: device, mtu }) => ({
    ...entryOf(prefix),
    ...{ via: via === undefined ? undefined : addressPart(via), mtu },
    index: device === undefined ? undefined : indexOf(world, device),
  }));
  return [...connected, ...routes].sort((one, other) => other.length - one.length);
}

function entryOf(prefix: string): Entry {
  const address = addressPart(prefix);
  const bytes = addressToBytes(address);
  const length = Number(prefix.split('/')[1] ?? bytes.length * 8);
  return { bytes, length, via: undefined, index: undefined, mtu: undefined };
}

function addressPart(prefix: string): Address {
  const address = parseAddress(prefix.split('/')[0] ?? '');
  if (address === undefined) throw new Error(`no prefix: ${prefix}`);
  return address;
}

function fits({ bytes: prefix, length }: Entry, bytes: Uint8Array): boolean {
  if (prefix.length !== bytes.length) return false;
  for (let bit = 0; bit < length; bit += 8) {
    const mask = length - bit >= 8 ? 0xff : (0xff00 >> (length - bit)) & 0xff;
    if ((((prefix[bit >> 3] ?? 0) ^ (bytes[bit >> 3] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

/** The last address of a network that the interface is in. */
function isBroadcast({ addresses }: WorldInterface, bytes: Uint8Array): boolean {
  if (bytes.length !== 4) return false;
  return addresses.map(entryOf).some((entry) => {
    if (entry.length > 30 || !fits(entry, bytes)) return false;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const hosts = 2 ** (32 - entry.length) - 1;
    return number % (hosts + 1) === hosts;
  });
}

/**
 * This host's address towards another one: of IPv4 the interface's first; of IPv6 the one that has most in common with
 * it, as far as its prefix goes (RFC 6724 section 5, rule 8).
 */
function sourceOf({ addresses }: WorldInterface, like: Address): Address {
  const target = addressToBytes(like);
  const candidates = addresses.map(entryOf).filter(({ bytes }) => bytes.length === target.length);
  const [first] = candidates;
  if (!first) return like;
  if (target.length === 4) return addressFromBytes(first.bytes);
  const common = ({ bytes, length }: Entry): number => Math.min(commonBits(bytes, target), length);
  const best = candidates.reduce((one, other) => (common(other) > common(one) ? other : one));
  return addressFromBytes(best.bytes);
}

function commonBits(one: Uint8Array, other: Uint8Array): number {
  const index = one.findIndex((octet, at) => octet !== other[at]);
  return index < 0 ? one.length * 8 : index * 8 + Math.clz32((one[index] ?? 0) ^ (other[index] ?? 0)) - 24;
}
