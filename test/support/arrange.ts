/** Services and real servers for a data plane, in few words. */

import type { DataPlane } from '../../src/dataplane/dataplane.ts';
import { type Port, parseAddress, parseEndpoint } from '../../src/ipvs/address.ts';
import type { Scheduler } from '../../src/ipvs/schedulers.ts';
import {
  type Destination,
  type DestinationKey,
  type DestinationSettings,
  fullNetmask,
  parseServiceKeyText,
  type Service,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
} from '../../src/ipvs/service.ts';

type Planed = { readonly plane: DataPlane };

/** A real server's weight, or all that is not as usual with it. */
export type ServerWords = number | Partial<DestinationSettings>;

export type Arrangement = Partial<ServiceSettings> & {
  /** `tcp:10.0.0.100:80`, `mark:7` */
  readonly service: string;
  /** By address, in the order of addition. Without a port they listen on the service's. */
  readonly servers: Readonly<Record<string, ServerWords>>;
};

export const web = 'tcp:10.0.0.100:80';
export const dns = 'udp:10.0.0.100:53';

/** The service of most cases: one real server. */
export const oneServer: Arrangement = { service: web, servers: { '10.0.0.11': 1 } };

export const translated: ServerWords = { method: 'masq' };

export function arrange({ plane }: Planed, { servers, ...words }: Arrangement): void {
  plane.addService(serviceOf(words));
  for (const [server, each] of Object.entries(servers)) addServer({ plane }, words.service, server, each);
}

export function addServer({ plane }: Planed, service: string, server: string, words: ServerWords = 1): void {
  const key = keyOf(service);
  plane.addDestination(key, destinationOf(key, server, words));
}

export function editServer({ plane }: Planed, service: string, server: string, words: ServerWords): void {
  const key = keyOf(service);
  plane.editDestination(key, destinationOf(key, server, words));
}

export function setScheduler(player: Planed, service: string, scheduler: Scheduler): void {
  editService(player, { service, scheduler });
}

export function editService({ plane }: Planed, words: Omit<Arrangement, 'servers'>): void {
  plane.editService(serviceOf(words));
}

export function removeServer({ plane }: Planed, service: string, server: string): void {
  const key = keyOf(service);
  plane.removeDestination(key, placeOf(key, server));
}

export function removeService({ plane }: Planed, service: string): void {
  plane.removeService(keyOf(service));
}

function serviceOf({ service, ...settings }: Omit<Arrangement, 'servers'>): Service {
  const key = keyOf(service);
  const usual = { scheduler: 'rr', flags: [], persistent: 0, onePacket: false } as const;
  return { ...key, ...usual, netmask: fullNetmask(serviceFamily(key)), ...settings };
}

function keyOf(text: string): ServiceKey {
  return parseServiceKeyText(text) ?? fail(`service ${text}`);
}

function placeOf(service: ServiceKey, text: string): DestinationKey {
  const address = parseAddress(text);
  if (address === undefined) return parseEndpoint(text) ?? fail(`real server ${text}`);
  return { address, port: service.kind === 'address' ? service.port : (0 as Port) };
}

function destinationOf(service: ServiceKey, text: string, words: ServerWords): Destination {
  const usual = { method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
  return { ...placeOf(service, text), ...usual, ...(typeof words === 'number' ? { weight: words } : words) };
}

function fail(what: string): never {
  throw new Error(`cannot arrange ${what}`);
}
