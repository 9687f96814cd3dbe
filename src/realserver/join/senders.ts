/** Which addresses of its own a machine has, and which of them ARP is to show instead of a virtual one. Pure. */

import { type Address, familyOf, type Ipv4 } from '../../ipvs/address.ts';
import type { DeviceAddress, Machine } from './machine.ts';

/** By its interface, the address that ARP shows there. */
export type Sender = { readonly device: string; readonly address: Ipv4 };

/** Those that other machines reach it by, in the order of its interfaces. */
export function ownAddresses(
  { devices, addresses }: Machine,
  vips: readonly Address[],
): readonly DeviceAddress[] {
  const reached = new Set(devices.filter(({ isEthernet }) => isEthernet).map(({ name }) => name));
  return addresses.filter(
    ({ device, address, isGlobal }) => isGlobal && reached.has(device) && !vips.includes(address),
  );
}

/** For each interface the first address of its own, or the one that was asked for. */
export function sendersOf(
  machine: Machine,
  vips: readonly Address[],
  rips: readonly Ipv4[],
): readonly Sender[] {
  const own = ownAddresses(machine, vips).filter(({ address }) => familyOf(address) === 4);
  const meant = rips.length === 0 ? own : own.filter(({ address }) => rips.includes(address as Ipv4));
  const first = meant.filter(({ device }, at) => meant.findIndex((other) => other.device === device) === at);
  return first.map(({ device, address }) => ({ device, address: address as Ipv4 }));
}
