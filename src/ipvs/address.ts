/**
 * IPv4 addresses and ports, as branded values that were checked once.
 *
 * Text is canonical dotted decimal; numbers are unsigned and in host order; bytes are in network order.
 */

export type Ipv4 = string & { readonly brand: 'Ipv4' };
export type Port = number & { readonly brand: 'Port' };

const dottedQuad = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Strict dotted decimal, four parts without leading zeros; `undefined` for anything else. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const parts = dottedQuad.exec(text)?.slice(1);
  const canonical = parts?.every((part) => Number(part) <= 255 && String(Number(part)) === part);
  return canonical ? (text as Ipv4) : undefined;
}

/** 0..65535 in decimal; `undefined` for anything else. */
export function parsePort(text: string): Port | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 0xffff ? (port as Port) : undefined;
}

/** The address as an unsigned 32-bit number, most significant octet first. */
export function ipv4ToNumber(address: Ipv4): number {
  return address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** The address of an unsigned 32-bit number; higher bits are ignored. */
export function ipv4FromNumber(value: number): Ipv4 {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.') as Ipv4;
}

/** Whether a real server may have this address: not 0.0.0.0, broadcast or multicast (224.0.0.0/4). */
export function isUnicast(address: Ipv4): boolean {
  const value = ipv4ToNumber(address);
  return value !== 0 && value !== 0xffffffff && value >>> 28 !== 0xe;
}
