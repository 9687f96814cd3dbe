/** Virtual addresses that Fairlead puts on an interface of the director. */

import { type Address, familyOf, parseAddress } from './address.ts';
import { fullLength } from './prefix.ts';

export type Vip = {
  /** Name of the interface. */
  readonly interface: string;
  readonly address: Address;
  /** Of the prefix; the whole address, unless the director is to have a route to its neighbours by it. */
  readonly length: number;
};

/** `192.0.2.10/32`, as ip(8) has it: with the length, whatever it is. */
export function vipText({ address, length }: Omit<Vip, 'interface'>): string {
  return `${address}/${length}`;
}

/** Reads an address with or without the length of its prefix; `undefined` for anything else. */
export function parseVip(text: string): Omit<Vip, 'interface'> | undefined {
  const [, host = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const length = digits === undefined ? fullLength(address) : Number(digits);
  return length <= fullLength(address) && length > 0 ? { address, length } : undefined;
}

/** An address of the family that a host may have and clients send to: no network, no group, no loopback. */
export function vipProblem({ address }: Pick<Vip, 'address'>): string | undefined {
  const first = address.split(familyOf(address) === 4 ? '.' : ':')[0] ?? '';
  const isIpv4 = familyOf(address) === 4;
  if (isIpv4 && (Number(first) === 127 || Number(first) === 0 || Number(first) >= 224))
    return `${address} is no address that a host may have`;
  if (!isIpv4 && (address === '::' || address === '::1' || /^ff/.test(first)))
    return `${address} is no address that a host may have`;
  return undefined;
}
