/** Address prefixes: `192.0.2.0/24`, `2001:db8::/32`, or a whole address. Bits behind the length are 0. */

import { type Address, addressFromBytes, addressToBytes, familyOf, parseAddress } from './address.ts';

export type Prefix = { readonly address: Address; readonly length: number };

/** How many bits an address of the prefix's family has. */
export function fullLength(address: Address): number {
  return familyOf(address) === 4 ? 32 : 128;
}

/** The prefix of `length` bits that the address lies in. */
export function prefixOf(address: Address, length: number): Prefix {
  const bytes = addressToBytes(address).map((octet, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8));
    return octet & (0xff00 >> kept);
  });
  return { address: addressFromBytes(bytes), length };
}

/** Reads an address with or without `/length`; IPv4 also with a netmask of leading ones. `undefined` for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, host = '', rest] = /^([^/]+)(?:\/([^/]+))?$/.exec(text) ?? [];
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const length = rest === undefined ? fullLength(address) : lengthOf(rest, address);
  return length === undefined ? undefined : prefixOf(address, length);
}

/** A whole address stands alone: `10.0.0.1`. */
export function prefixText({ address, length }: Prefix): string {
  return length === fullLength(address) ? address : `${address}/${length}`;
}

function lengthOf(text: string, address: Address): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= fullLength(address) ? Number(text) : undefined;
  const mask = parseAddress(text);
  if (mask === undefined || familyOf(mask) !== 4 || familyOf(address) !== 4) return undefined;
  const bits = [...addressToBytes(mask)].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0*$/, '').length : undefined;
}
