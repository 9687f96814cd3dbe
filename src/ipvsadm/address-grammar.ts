/** The grammar `host[:port]` of services and real servers, as ipvsadm 1.31 reads it. */

import { type Address, type Ipv4, ipv4FromNumber, type Port, parseIpv4, parseIpv6 } from '../ipvs/address.ts';
import type { Protocol } from '../ipvs/service.ts';
import type { Names } from './names.ts';
import { parseNumber } from './numbers.ts';

/** `port` is absent where none was given. */
export type EndpointText = { readonly address: Address; readonly port?: Port };

/**
 * Reads `host[:port]`; `undefined` if it cannot be read. `protocol` is that of the service seen so far, without
 * which ports cannot be names.
 */
export async function parseEndpoint(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Promise<EndpointText | undefined> {
  if (/^\d*$/.test(text)) return undefined;
  if (text.startsWith('[')) return await parseBracketed(text, protocol, names);
  const colon = text.lastIndexOf(':');
  const ipv6 = text.indexOf(':') < colon ? parseIpv6(text) : undefined;
  if (ipv6 !== undefined) return { address: ipv6 };
  if (colon < 0) return endpoint(await parseHost(text, names));
  const port = await parsePortText(text.slice(colon + 1), protocol, names);
  return port === undefined ? undefined : endpoint(await parseHost(text.slice(0, colon), names), port);
}

/** Brackets are for IPv6; around an IPv4 host they are accepted, and then whatever stands behind them is not read. */
async function parseBracketed(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Promise<EndpointText | undefined> {
  const [, host = '', portText] = /^\[([^\]]*)\]:(.*)$/s.exec(text) ?? [];
  if (portText === undefined) return undefined;
  const address = parseIpv6(host);
  if (address === undefined) return endpoint(await parseHost(host, names));
  const port = await parsePortText(portText, protocol, names);
  return port === undefined ? undefined : { address, port };
}

function endpoint(address: Ipv4 | undefined, port?: Port): EndpointText | undefined {
  return address && { address, ...(port !== undefined && { port }) };
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

/** An IPv4 address or the name of a host that has one. */
export async function parseHost(text: string, names: Names): Promise<Ipv4 | undefined> {
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
  const usual = parseIpv4(text);
  if (usual !== undefined) return usual;
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
