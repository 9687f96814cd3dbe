/** Addresses, prefixes and masks as struct fl_address: four words, of which IPv4 uses the first. Pure. */

import {
  type Address,
  addressFromBytes,
  addressToBytes,
  type Family,
  familyOf,
  type Ipv4,
  ipv4FromNumber,
  ipv4ToNumber,
} from '../../../ipvs/address.ts';
import type { flAddress } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';

export type Words = Decoded<typeof flAddress>;

const noWords = [0, 0, 0, 0] as const;

export function addressToWords(address: Address): Words {
  if (familyOf(address) === 4) return firstWord(ipv4ToNumber(address as Ipv4));
  const view = new DataView(addressToBytes(address).buffer);
  return { word: noWords.map((_, index) => view.getUint32(index * 4)) };
}

export function addressFromWords(family: number, { word }: Words): Address {
  if (family === 4) return ipv4FromNumber(word[0] ?? 0);
  const view = new DataView(new ArrayBuffer(16));
  for (const [index, value] of word.entries()) view.setUint32(index * 4, value);
  return addressFromBytes(new Uint8Array(view.buffer));
}

/** A number in the place of an IPv4 address. */
export function firstWord(value: number): Words {
  return { word: [value, 0, 0, 0] };
}

/** The mask of a prefix. */
export function prefixToMask(family: Family, length: number): Words {
  const bitsLeft = (index: number): number => Math.min(32, Math.max(0, length - index * 32));
  const words = noWords.map((_, index) => (index > 0 && family === 4 ? 0 : leadingOnes(bitsLeft(index))));
  return { word: words };
}

/** How many bits a prefix's mask has. */
export function maskToPrefix({ word }: Words): number {
  return word.reduce((length, value) => length + (value === 0 ? 0 : 32 - trailingZeros(value)), 0);
}

export function masked(address: Words, mask: Words): Words {
  return { word: address.word.map((value, index) => (value & (mask.word[index] ?? 0)) >>> 0) };
}

function leadingOnes(bits: number): number {
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
}

function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value);
}
