/** The grammar `host[:port]` of services and real servers, as ipvsadm 1.31 reads it. */

import { isIPv6 } from 'node:net';
import { type Ipv4, ipv4FromNumber, type Port } from '../ipvs/address.ts';
import type { Protocol } from '../ipvs/service.ts';
import type { Names } from './names.ts';
import { parseNumber } from './numbers.ts';

export type EndpointText =
  | { readonly kind: 'ipv4'; readonly address: Ipv4; readonly port: Port }
  | { readonly kind: 'ipv6' }
  | { readonly kind: 'illegal' };

const illegal: EndpointText = { kind: 'illegal' };

/**
 * Reads `host[:port]`; a missing port is 0. `protocol` is that of the service seen so far, without which
 * ports cannot be names.
 */
export async function parseEndpoint(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Promise<EndpointText> {
  if (/^\d*$/.test(text)) return illegal;
  if (text.startsWith('[')) return await parseBracketed(text, protocol, names);
  if (isPlainIpv6(text)) return { kind: 'ipv6' };

  const colon = text.lastIndexOf(':');
  if (colon < 0) return endpoint(await parseHost(text, names), 0 as Port);
  const port = await parsePortText(text.slice(colon + 1), protocol, names);
  return port === undefined ? illegal : endpoint(await parseHost(text.slice(0, colon), names), port);
}

/** Brackets are for IPv6; around an IPv4 host they are accepted, and then whatever stands behind them is not read. */
async function parseBracketed(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Promise<EndpointText> {
  const [, host = '', portText] = /^\[([^\]]*)\]:(.*)$/s.exec(text) ?? [];
  if (portText === undefined) return illegal;
  if (!isPlainIpv6(host)) return endpoint(await parseHost(host, names), 0 as Port);
  const port = await parsePortText(portText, protocol, names);
  return port === undefined ? illegal : { kind: 'ipv6' };
}

function endpoint(address: Ipv4 | undefined, port: Port): EndpointText {
  return address === undefined ? illegal : { kind: 'ipv4', address, port };
}

/** node's check also takes a zone (`fe80::1%eth0`), which inet_pton(3) refuses. */
function isPlainIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

async function parsePortText(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Promise<Port | undefined> {
  const number = parseNumber(text, 0, 0xffff);
  if (number !== undefined) return number as Port;
  return protocol && (await names.portOfService(text, protocol));
}

async function parseHost(text: string, names: Names): Promise<Ipv4 | undefined> {
  const address = parseInetAton(text);
  // As gethostbyname(3): nobody is asked about a malformed dotted number or a text no host can bear.
  if (address !== undefined || /^[\d.]*\d$/.test(text) || !/^[\w.-]+$/.test(text)) return address;
  return await names.addressOfHost(text);
}

/**
 * inet_aton(3): one to four parts in decimal, octal (`010`) or hexadecimal (`0x0a`), the last filling the
 * remaining bytes, so `10.6` is 10.0.0.6. Anything behind a blank is ignored.
 */
export function parseInetAton(text: string): Ipv4 | undefined {
  const [head = ''] = text.split(/[ \t\n\v\f\r]/, 1);
  const parts = head.split('.').map(parseInetPart);
  const last = parts.pop();
  if (last === undefined || parts.length > 3 || last >= 256 ** (4 - parts.length)) return undefined;
  let value = last;
  for (const [index, part] of parts.entries()) {
    if (part === undefined || part > 255) return undefined;
    value += part * 256 ** (3 - index);
  }
  return ipv4FromNumber(value);
}

function parseInetPart(text: string): number | undefined {
  if (/^0x[\da-f]+$/i.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
