/** On which segment an address is to be asked for, and in whose name. Pure. */

import { type Address, type Family, familyOf } from '../ipvs/address.ts';
import { fullLength, prefixOf } from '../ipvs/prefix.ts';
import type { LocalAddress, LocalInterface, Route } from '../linux/iproute.ts';
import type { Asker } from './probes/neighbour.ts';

/**
 * Interfaces on whose segment hosts would ask for `vip`: those with a network it belongs to, else those that
 * hold it. Each with an own address of that family, since a question must not claim a virtual one.
 */
export function askersFor(
  interfaces: readonly LocalInterface[],
  vip: Address,
  vips: ReadonlySet<Address>,
): readonly Asker[] {
  const usable = interfaces.filter(({ mac, isUp }) => mac !== undefined && isUp);
  const inNetwork = usable.filter(({ addresses }) => addresses.some((own) => isNetworkOf(own, vip)));
  const holding = usable.filter(({ addresses }) => addresses.some(({ address }) => address === vip));
  return (inNetwork.length > 0 ? inNetwork : holding).flatMap(
    (device) => interfaceOf(device, familyOf(vip), vips) ?? [],
  );
}

/** Who asks by an interface; `undefined` where it has no MAC, or no own address of the family. */
export function interfaceOf(
  device: LocalInterface,
  family: Family,
  vips: ReadonlySet<Address>,
): Asker | undefined {
  const address = ownAddress(device, family, vips);
  if (device.mac === undefined || address === undefined) return undefined;
  return { interface: device.name, mac: device.mac, address };
}

function isNetworkOf({ address, family, prefix }: LocalAddress, vip: Address): boolean {
  if (prefix >= fullLength(address) || family !== familyOf(vip)) return false;
  return prefixOf(address, prefix).address === prefixOf(vip, prefix).address;
}

/** What a packet to a real server comes from, and its answer goes to: never a virtual address. */
export function sourceFor(
  interfaces: readonly LocalInterface[],
  device: LocalInterface,
  route: Route,
  vips: ReadonlySet<Address>,
): Address | undefined {
  if (route.source && !vips.has(route.source)) return route.source;
  const family = familyOf(route.destination);
  return (
    ownAddress(device, family, vips) ??
    interfaces.map((other) => ownAddress(other, family, vips)).find((address) => address !== undefined)
  );
}

/** The first of an interface that is usable and not virtual; a link-local one if need be. */
function ownAddress(
  { addresses }: LocalInterface,
  family: 4 | 6,
  vips: ReadonlySet<Address>,
): Address | undefined {
  const own = addresses.filter(
    (one) => one.family === family && !vips.has(one.address) && !one.isTentative && !one.isDuplicate,
  );
  return (own.find(({ scope }) => scope === 'global') ?? own.find(({ scope }) => scope === 'link'))?.address;
}
