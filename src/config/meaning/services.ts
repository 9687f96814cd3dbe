/** Virtual services: an entry of the file may stand for several, which differ in nothing but what they listen on. */

import type { Family } from '../../ipvs/address.ts';
import { flagsNamed } from '../../ipvs/flag-names.ts';
import { defaultScheduler, type SchedulerFlag } from '../../ipvs/schedulers.ts';
import {
  protocols,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
  serviceKeyText,
} from '../../ipvs/service.ts';
import type { WantedServer, WantedService } from '../configuration.ts';
import type { Path, Report } from '../problem.ts';
import type { ServiceEntry } from '../schema/service.ts';
import type { CheckBook } from './checks.ts';
import { endpointOf } from './endpoint.ts';
import { type ReadHealth, readHealth } from './health.ts';
import { readPersistence } from './persistence.ts';
import { type ReadServer, readServer, serverFor, serverText } from './servers.ts';

type PlacedKey = { readonly key: ServiceKey; readonly path: Path };

/** All services, and where each stands. */
export function readServices(
  entries: readonly ServiceEntry[],
  checks: CheckBook,
  report: Report,
): readonly { readonly service: WantedService; readonly path: Path }[] {
  const [keys, names] = [new Map<string, Path>(), new Map<string, Path>()];
  return entries.flatMap((entry, index) => {
    const path = ['services', index];
    if (entry.name !== undefined)
      unique(
        names,
        entry.name,
        [...path, 'name'],
        () => `a service is called \`${entry.name}\` already`,
        report,
      );
    const placed = keysOf(entry, path, report);
    const servers = readServers(entry, path, report);
    const health = readHealth(entry, checks, path, report);
    const serverChecks = new Map(
      servers.flatMap(({ server, checks: own }) =>
        own ? [[server, checks.resolve(own, server.path)] as const] : [],
      ),
    );
    return placed.flatMap(({ key, path: place }) => {
      if (!unique(keys, serviceKeyText(key), place, () => `${keyWords(key)} is a service already`, report))
        return [];
      const common = serviceSettings(entry, key, path, place, report);
      const service: WantedService = {
        ...key,
        ...common,
        ...(entry.name !== undefined && { name: entry.name }),
        servers: serversOf(key, servers, serverChecks, report),
        health: healthFor(key, health, report),
      };
      return [{ service, path: place }];
    });
  });
}

/** `tcp 192.0.2.10:80`, `mark 7`: a service in a sentence. */
export function keyWords(key: ServiceKey): string {
  return serviceKeyText(key)
    .replace(/^mark6:(.*)$/, 'mark $1 of IPv6')
    .replace(/^([a-z]+):/, '$1 ');
}

/** Whether nobody else has it; somebody else is said. */
function unique(
  seen: Map<string, Path>,
  text: string,
  path: Path,
  message: () => string,
  report: Report,
): boolean {
  const other = seen.get(text);
  if (other) report({ path, message: message(), other });
  else seen.set(text, path);
  return other === undefined;
}

function keysOf(entry: ServiceEntry, path: Path, report: Report): readonly PlacedKey[] {
  const byAddress = protocols.flatMap((protocol) => {
    const value = entry[protocol];
    return each(value, [...path, protocol]).flatMap(({ value: text, path: place }): PlacedKey[] => {
      const endpoint = endpointOf(text, place, report);
      return endpoint ? [{ key: { kind: 'address', protocol, ...endpoint }, path: place }] : [];
    });
  });
  const family: Family = entry.family ?? 4;
  const byMark = each(entry.mark, [...path, 'mark']).map(
    ({ value: mark, path: place }): PlacedKey => ({ key: { kind: 'mark', mark, family }, path: place }),
  );
  const says = protocols.some((protocol) => entry[protocol] !== undefined) || entry.mark !== undefined;
  if (!says)
    report({ path, message: 'the service listens on nothing: it takes one of tcp, udp, sctp, mark' });
  if (entry.family !== undefined && entry.mark === undefined)
    report({
      path: [...path, 'family'],
      atKey: true,
      message: '`family` belongs to services by mark: an address has its own',
    });
  return [...byAddress, ...byMark];
}

/** One value, or those of a list, each in its place. */
function each<T extends string | number>(
  value: T | readonly T[] | undefined,
  path: Path,
): readonly { readonly value: T; readonly path: Path }[] {
  if (value === undefined) return [];
  if (typeof value !== 'object') return [{ value, path }];
  return value.map((one, index) => ({ value: one, path: [...path, index] }));
}

function serviceSettings(
  entry: ServiceEntry,
  key: ServiceKey,
  path: Path,
  place: Path,
  report: Report,
): ServiceSettings {
  const persistence = readPersistence(
    entry.persistence,
    serviceFamily(key),
    [...path, 'persistence'],
    report,
  );
  const { one_packet: onePacket = false, scheduler = defaultScheduler } = entry;
  if (key.kind === 'address') {
    if (key.port === 0 && persistence.persistent === 0)
      report({
        path: place,
        message: 'port 0, every port, is for persistent services: add `persistence: 6m`',
      });
    if (onePacket && key.protocol !== 'udp')
      report({
        path: [...path, 'one_packet'],
        message: `one-packet scheduling is for udp and marks, not for ${keyWords(key)}`,
      });
  }
  return { scheduler, flags: readFlags(entry, path, report), onePacket, ...persistence };
}

function readFlags(
  { flags = [], scheduler = defaultScheduler }: ServiceEntry,
  path: Path,
  report: Report,
): readonly SchedulerFlag[] {
  const names: readonly string[] = flags;
  const named = flagsNamed(scheduler, names);
  if ('flags' in named) return named.flags;
  report({
    path: [...path, 'flags', names.indexOf(named.unknown)],
    message: `\`${named.unknown}\` is a flag of another scheduler than ${scheduler}`,
  });
  return [];
}

type PlacedServer = { readonly server: ReadServer; readonly checks?: Parameters<CheckBook['resolve']>[0] };

function readServers(entry: ServiceEntry, path: Path, report: Report): readonly PlacedServer[] {
  return (entry.servers ?? []).flatMap((one, index) => {
    const server = readServer(one, entry, [...path, 'servers', index], report);
    if (!server) return [];
    return [{ server, ...(typeof one === 'object' && one.checks && { checks: one.checks }) }];
  });
}

function serversOf(
  key: ServiceKey,
  servers: readonly PlacedServer[],
  checks: ReadonlyMap<ReadServer, WantedServer['checks']>,
  report: Report,
): readonly WantedServer[] {
  const seen = new Map<string, Path>();
  return servers.flatMap(({ server }) => {
    const wanted = serverFor(key, server, report);
    if (!wanted) return [];
    const text = serverText(wanted);
    const message = (): string => `${text} is a real server of ${keyWords(key)} already`;
    if (!unique(seen, text, server.path, message, report)) return [];
    const own = checks.get(server);
    return [own ? { ...wanted, checks: own } : wanted];
  });
}

function healthFor(
  key: ServiceKey,
  { sorry, ...health }: ReadHealth,
  report: Report,
): WantedService['health'] {
  const wanted = sorry && serverFor(key, sorry, report);
  return { ...health, ...(wanted && { sorry: wanted }) };
}
