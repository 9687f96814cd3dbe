/**
 * Names of hosts and ports: the room's rim to /etc/hosts, /etc/services and DNS.
 *
 * Reverse lookups read /etc/hosts here and ask DNS through c-ares with a short patience, because a
 * getnameinfo(3) that waits for a dead name server can neither be stopped nor outlived. node:dns is loaded
 * only when a name is really asked for.
 */

import { readFile } from 'node:fs/promises';
import { type Address, addressToBytes, type Ipv4, type Port } from '../ipvs/address.ts';
import type { Protocol } from '../ipvs/service.ts';
import { parseHostsFile, parseServicesFile } from './etc-files.ts';

/** Every answer is `undefined` where there is no such name. */
export type Names = {
  addressOfHost(host: string): Promise<Ipv4 | undefined>;
  portOfService(name: string, protocol: Protocol): Promise<Port | undefined>;
  hostOfAddress(address: Address): Promise<string | undefined>;
  serviceOfPort(port: Port, protocol: Protocol): Promise<string | undefined>;
};

export type NameSources = {
  /** The text of a file; empty if it cannot be read. */
  readonly readText: (path: string) => Promise<string>;
  /** First IPv4 address of a host; rejects if there is none. */
  readonly lookup: (host: string) => Promise<string>;
  /** Names of an address from DNS; rejects if there is none, with `code` ETIMEOUT if nobody answers. */
  readonly reverse: (address: Address) => Promise<readonly string[]>;
};

/** After so many reverse lookups that nobody answered, no more are begun. */
const timeoutLimit = 3;

/** Names from `sources`; each file is read at most once and each address asked for at most once. */
export function createNames(sources: NameSources): Names {
  const services = once(async () => parseServicesFile(await sources.readText('/etc/services')));
  const hosts = once(async () => parseHostsFile(await sources.readText('/etc/hosts')));
  const reverse = patiently(sources.reverse);
  const asked = new Map<Address, Promise<string | undefined>>();
  return {
    addressOfHost: (host) =>
      sources.lookup(host).then(
        (address) => address as Ipv4,
        () => undefined,
      ),
    portOfService: async (name, protocol) => (await services()).port(name, protocol),
    serviceOfPort: async (port, protocol) => (await services()).name(port, protocol),
    hostOfAddress: async (address) => {
      const known = (await hosts()).get(address);
      if (known !== undefined) return known;
      const answer = asked.get(address) ?? reverse(address);
      asked.set(address, answer);
      return await answer;
    },
  };
}

function patiently(reverse: NameSources['reverse']): (address: Address) => Promise<string | undefined> {
  let timeouts = 0;
  return async (address) => {
    if (timeouts >= timeoutLimit) return undefined;
    try {
      return (await reverse(address))[0];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ETIMEOUT') timeouts++;
      return undefined;
    }
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const resolver = once(async () => {
  const { Resolver } = await import('node:dns/promises');
  return new Resolver({ timeout: 1000, tries: 1 });
});

/** This machine's files and name servers. */
export const systemSources: NameSources = {
  readText: (path) => readFile(path, 'utf8').catch(() => ''),
  lookup: async (host) => {
    const { lookup } = await import('node:dns/promises');
    return (await lookup(host, 4)).address;
  },
  // Resolver.reverse() would look into /etc/hosts as well, and answer with the aliases there.
  reverse: async (address) => await (await resolver()).resolvePtr(reverseName(address)),
};

/** The name under which DNS keeps an address's names (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseName(address: Address): string {
  const bytes = [...addressToBytes(address)];
  if (bytes.length === 4) return `${bytes.reverse().join('.')}.in-addr.arpa`;
  const digits = bytes.flatMap((byte) => [byte >>> 4, byte & 0xf]).reverse();
  return `${digits.map((digit) => digit.toString(16)).join('.')}.ip6.arpa`;
}
