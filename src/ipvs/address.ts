/**
 * IP addresses and ports, as branded values that were checked once.
 *
 * Text is canonical: dotted decimal, or RFC 5952 for IPv6. Numbers are unsigned and in host order; bytes are in
 * network order.
 */

import { formatIpv6, readIpv6 } from './ipv6.ts';

export type Ipv4 = string & { readonly brand: 'Ipv4' };
export type Ipv6 = string & { readonly brand: 'Ipv6' };
export type Address = Ipv4 | Ipv6;
export type Port = number & { readonly brand: 'Port' };
export type Family = 4 | 6;

/** Strict dotted decimal, four parts without leading zeros; `undefined` for anything else. */
export function parseIpv4(text: string): Ipv4 | undefined {
  if (text.length > 15) return undefined;
  let dots = 0;
  let octet = -1; // none has begun
  // Character by character, because tables have 100,000 of them.
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === dot) {
      if (octet < 0 || ++dots > 3) return undefined;
      octet = -1;
    } else {
      if (character < zero || character > zero + 9 || octet === 0) return undefined;
      octet = Math.max(0, octet) * 10 + character - zero;
      if (octet > 255) return undefined;
    }
  }
  return dots === 3 && octet >= 0 ? (text as Ipv4) : undefined;
}

const dot = '.'.charCodeAt(0);
const zero = '0'.charCodeAt(0);

/** Any text form of RFC 4291 §2.2, without a zone, as canonical text; `undefined` for anything else. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const bytes = readIpv6(text);
  return bytes && (formatIpv6(bytes) as Ipv6);
}

export function parseAddress(text: string): Address | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

export function familyOf(address: Address): Family {
  return address.includes(':') ? 6 : 4;
}

/** 4 or 16 octets. */
export function addressToBytes(address: Address): Uint8Array {
  if (familyOf(address) === 4) return Uint8Array.from(address.split('.').map(Number));
  const bytes = readIpv6(address);
  if (!bytes) throw new Error(`not an address: ${address}`);
  return bytes;
}

/** The address in 4 or 16 octets. */
export function addressFromBytes(bytes: Uint8Array): Address {
  return bytes.length === 4 ? (bytes.join('.') as Ipv4) : (formatIpv6(bytes) as Ipv6);
}

/** IPv4 before IPv6, each by its octets. */
export function inOrder<T extends Address>(addresses: readonly T[]): readonly T[] {
  return addresses
    .toSorted((one, other) => Buffer.compare(addressToBytes(one), addressToBytes(other)))
    .toSorted((one, other) => familyOf(one) - familyOf(other));
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function endpointText(address: Address, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What `endpointText` writes, read again; `undefined` for anything else. */
export function parseEndpoint(text: string): { readonly address: Address; readonly port: Port } | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d+)$/.exec(text);
  if (!parts) return undefined;
  const address = parts[1] === undefined ? parseIpv4(parts[2] ?? '') : parseIpv6(parts[1]);
  const port = parsePort(parts[3] ?? '');
  return address === undefined || port === undefined ? undefined : { address, port };
}

/** 0..65535 in decimal; `undefined` for anything else. */
export function parsePort(text: string): Port | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 0xffff ? (port as Port) : undefined;
}

/** The address as an unsigned 32-bit number, most significant octet first. */
export function ipv4ToNumber(address: Ipv4): number {
  let value = 0;
  let octet = 0;
  for (let at = 0; at < address.length; at++) {
    const character = address.charCodeAt(at);
    if (character === dot) {
      value = value * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + character - zero;
  }
  return value * 256 + octet;
}

/** The address of an unsigned 32-bit number; higher bits are ignored. */
export function ipv4FromNumber(value: number): Ipv4 {
  return `${(value >>> 24) & 0xff}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}` as Ipv4;
}

/**
 * Whether a real server may have this address: not 0.0.0.0, broadcast or multicast (224.0.0.0/4), and of IPv6
 * neither ::, multicast (ff00::/8), link-local (fe80::/10) nor an IPv4 address in disguise (::ffff:0:0/96).
 */
export function isUnicast(address: Address): boolean {
  if (familyOf(address) === 4) {
    const value = ipv4ToNumber(address as Ipv4);
    return value !== 0 && value !== 0xffffffff && value >>> 28 !== 0xe;
  }
  const bytes = addressToBytes(address);
  const [first = 0, second = 0] = bytes;
  if (bytes.every((byte) => byte === 0)) return false;
  return first !== 0xff && !(first === 0xfe && (second & 0xc0) === 0x80) && !isMapped(bytes);
}

/** 127.0.0.0/8 and ::1. */
export function isLoopback(address: Address): boolean {
  return address.startsWith('127.') || address === '::1';
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
