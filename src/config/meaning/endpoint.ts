/** Addresses with and without ports, and what is wrong with a text that is none. */

import { type Address, type Port, parseAddress, parseEndpoint, parsePort } from '../../ipvs/address.ts';
import { type Path, quoted, type Report } from '../problem.ts';

/** An address with its port. */
export function endpointOf(
  text: string,
  path: Path,
  report: Report,
): { readonly address: Address; readonly port: Port } | undefined {
  const endpoint = parseEndpoint(text);
  if (!endpoint) report({ path, message: endpointProblem(text) });
  return endpoint;
}

/** An address that may have a port. */
export function addressAndPort(
  text: string,
  path: Path,
  report: Report,
): { readonly address: Address; readonly port?: Port } | undefined {
  const address = parseAddress(text);
  return address === undefined ? endpointOf(text, path, report) : { address };
}

export function addressOf(text: string, path: Path, report: Report): Address | undefined {
  const address = parseAddress(text);
  if (address === undefined) report({ path, message: addressProblem(text) });
  return address;
}

function endpointProblem(text: string): string {
  const address = parseAddress(text);
  if (address?.includes(':'))
    return `${quoted(text)} has no port that can be told from the address: write "[${address}]:80"`;
  if (address !== undefined)
    return `${quoted(text)} has no port: write ${text}:80, or ${text}:0 for every port`;
  const [, host = text, port = ''] = /^\[?(.*?)\]?:([^:]*)$/.exec(text) ?? [];
  if (parseAddress(host) === undefined) return addressProblem(host);
  if (host.includes(':') && !text.startsWith('['))
    return `${quoted(text)} needs brackets: write "[${host}]:${port}"`;
  if (parsePort(port) === undefined && /^\d+$/.test(port)) return `port ${port} is above 65535`;
  return `${quoted(text)} is not an address with a port: write the port as a number, like ${text.slice(0, -port.length || undefined)}80`;
}

function addressProblem(text: string): string {
  if (/^\d+(\.\d+)*$/.test(text))
    return `${quoted(text)} is not an IPv4 address: it has four numbers up to 255`;
  if (/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(text) && /[g-zG-Z]/.test(text))
    return `${quoted(text)} is a name: names are not looked up, write the address`;
  return `${quoted(text)} is not an IP address`;
}
