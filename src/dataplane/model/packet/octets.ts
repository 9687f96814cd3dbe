/** Numbers and addresses at a place of a frame, in network order. A frame's end reads as zeros. */

import { type Address, addressFromBytes, addressToBytes, type Family } from '../../../ipvs/address.ts';

export function read16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

export function read32(octets: Uint8Array, at: number): number {
  return (read16(octets, at) * 0x10000 + read16(octets, at + 2)) >>> 0;
}

export function write16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

export function write32(octets: Uint8Array, at: number, value: number): void {
  write16(octets, at, value >>> 16);
  write16(octets, at + 2, value & 0xffff);
}

/** A copy: a Buffer's own slice() would be none. */
export function copyOf(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets);
}

export function addressLength(family: Family): number {
  return family === 4 ? 4 : 16;
}

export function readAddress(octets: Uint8Array, at: number, family: Family): Address {
  let place = family === 4 ? texts4 : texts6;
  for (let word = 0; word < addressLength(family); word += 4)
    place = branch(place, read32(octets, at + word));
  place.text ??= addressFromBytes(octets.subarray(at, at + addressLength(family)));
  return place.text;
}

export function writeAddress(octets: Uint8Array, at: number, address: Address): void {
  octets.set(octetsOf(address), at);
}

/** Not to be written to. */
export function octetsOf(address: Address): Uint8Array {
  const known = knownOctets.get(address);
  if (known) return known;
  if (knownOctets.size >= mostKnown) knownOctets.clear();
  const octets = addressToBytes(address);
  knownOctets.set(address, octets);
  return octets;
}

/**
 * Addresses that were met: the texts by their 32-bit words, the octets by their texts. Reading or writing a text costs
 * more than all the rest of a packet.
 */
type Texts = { text?: Address; readonly next: Map<number, Texts> };

const newTexts = (): Texts => ({ next: new Map() });
const texts4 = newTexts();
const texts6 = newTexts();
const knownOctets = new Map<Address, Uint8Array>();
const mostKnown = 65_536;

function branch(texts: Texts, word: number): Texts {
  const found = texts.next.get(word);
  if (found) return found;
  if (texts.next.size >= mostKnown) texts.next.clear();
  const fresh = newTexts();
  texts.next.set(word, fresh);
  return fresh;
}
