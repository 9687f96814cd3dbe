/** /etc/services and /etc/hosts as getservbyname(3), getservbyport(3) and gethostbyaddr(3) read them. */

import { type Address, type Port, parseAddress } from '../ipvs/address.ts';
import type { Protocol } from '../ipvs/service.ts';

export type ServicesFile = {
  /** By name or alias, exact in case. */
  port(name: string, protocol: Protocol): Port | undefined;
  name(port: Port, protocol: Protocol): string | undefined;
};

/** Parses services(5); where lines contradict each other, the first wins. */
export function parseServicesFile(text: string): ServicesFile {
  const ports = new Map<string, Port>();
  const names = new Map<string, string>();
  for (const [name = '', portText = '', ...aliases] of fields(text)) {
    const [, digits, protocol] = /^(\d+)\/(\w+)$/.exec(portText) ?? [];
    if (digits === undefined) continue;
    const port = Number(digits) as Port;
    setOnce(names, `${port}/${protocol}`, name);
    for (const alias of [name, ...aliases]) setOnce(ports, `${alias}/${protocol}`, port);
  }
  return {
    port: (name, protocol) => ports.get(`${name}/${protocol}`),
    name: (port, protocol) => names.get(`${port}/${protocol}`),
  };
}

/** The canonical name of each address in hosts(5): the first on its first line. */
export function parseHostsFile(text: string): ReadonlyMap<Address, string> {
  const names = new Map<Address, string>();
  for (const [host = '', name] of fields(text)) {
    const address = parseAddress(host);
    if (address !== undefined && name !== undefined) setOnce(names, address, name);
  }
  return names;
}

function fields(text: string): string[][] {
  return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
}

function setOnce<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}
