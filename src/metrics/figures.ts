/**
 * The figures of services and real servers, a list for each value: 40,000 real servers as objects would cost a second of
 * garbage collection. A value that one does not have is NaN.
 */

import {
  counterNames,
  type DestinationStatus,
  destinationKeyText,
  type Rates,
  type ServiceStatus,
  serviceKeyText,
} from '../ipvs/service.ts';
import { labelText } from './metric.ts';

const connectionValues = ['activeConnections', 'inactiveConnections', 'persistentConnections'] as const;
export const serverValues = ['weight', ...connectionValues, ...counterNames] as const;
export type ServerValue = (typeof serverValues)[number];

export const serviceValues = [
  'servers',
  'available',
  ...connectionValues,
  ...counterNames,
  'connectionsPerSecond',
  'inPacketsPerSecond',
  'inBytesPerSecond',
  'outPacketsPerSecond',
  'outBytesPerSecond',
] as const satisfies readonly (string | keyof Rates)[];
export type ServiceValue = (typeof serviceValues)[number];

/** By their places: whose labels, and what he has. */
export type Columns<V extends string> = {
  readonly labels: readonly string[];
  readonly values: Readonly<Record<V, readonly number[]>>;
};

export type Figures = {
  readonly services: Columns<ServiceValue>;
  /** The labels that say what a service is. */
  readonly descriptions: readonly string[];
  readonly servers: Columns<ServerValue>;
};

export const noFigures: Figures = {
  services: { labels: [], values: columns(serviceValues) },
  descriptions: [],
  servers: { labels: [], values: columns(serverValues) },
};

/** Figures that services are added to, one by one. */
export function gatherFigures() {
  const services = { labels: [] as string[], values: columns(serviceValues) };
  const servers = { labels: [] as string[], values: columns(serverValues) };
  const descriptions: string[] = [];
  return {
    figures: { services, servers, descriptions } satisfies Figures,
    add(service: ServiceStatus): void {
      const labels = labelText({ service: serviceKeyText(service) });
      const first = servers.labels.length;
      for (const server of service.destinations) {
        servers.labels.push(`${labels.slice(0, -1)},server="${destinationKeyText(server)}"}`);
        for (const name of serverValues) servers.values[name].push(serverValue(name, server, service));
      }
      services.labels.push(labels);
      descriptions.push(descriptionOf(labels, service));
      const masquerades = service.destinations.some(({ method }) => method === 'masq');
      for (const name of serviceValues)
        services.values[name].push(serviceValue(name, service, servers.values, { first, masquerades }));
    },
  };
}

function columns<V extends string>(names: readonly V[]): Record<V, number[]> {
  return Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<V, number[]>;
}

/** What passes the director on the way back, which only masquerading has. */
function isOutgoing(name: string): boolean {
  return name.startsWith('out');
}

function serverValue(name: ServerValue, server: DestinationStatus, service: ServiceStatus): number {
  switch (name) {
    case 'weight':
    case 'activeConnections':
    case 'inactiveConnections':
      return server[name];
    case 'persistentConnections':
      return service.persistent > 0 ? server.persistentConnections : Number.NaN;
    default:
      return isOutgoing(name) && server.method !== 'masq' ? Number.NaN : server.counters[name];
  }
}

/** `servers`: those of all services; this one's begin at `first`, and are the last. */
function serviceValue(
  name: ServiceValue,
  { destinations, counters, rates }: ServiceStatus,
  servers: Columns<ServerValue>['values'],
  { first, masquerades }: { readonly first: number; readonly masquerades: boolean },
): number {
  switch (name) {
    case 'servers':
      return destinations.length;
    case 'available':
      return destinations.filter(({ weight }) => weight > 0).length;
    case 'activeConnections':
    case 'inactiveConnections':
      return sumFrom(servers[name], first);
    case 'persistentConnections':
      return destinations.length > 0 ? sumFrom(servers[name], first) : Number.NaN;
    case 'connections':
    case 'inPackets':
    case 'inBytes':
    case 'outPackets':
    case 'outBytes':
      return isOutgoing(name) && !masquerades ? Number.NaN : counters[name];
    default:
      return isOutgoing(name) && !masquerades ? Number.NaN : rates[name];
  }
}

function sumFrom(values: readonly number[], first: number): number {
  let sum = 0;
  for (let at = first; at < values.length; at++) sum += values[at] ?? 0;
  return sum;
}

function descriptionOf(labels: string, service: ServiceStatus): string {
  const what =
    service.kind === 'mark'
      ? { protocol: 'mark', address: '', port: String(service.mark) }
      : { protocol: service.protocol, address: service.address, port: String(service.port) };
  return `${labels.slice(0, -1)},${labelText({ ...what, scheduler: service.scheduler }).slice(1)}`;
}
