/**
 * A director in memory for this room's tests: the API's routes and refusals, no packets. Services keep the
 * order in which they came, real servers stand newest first.
 */

import type { BatchedCall } from '../api/batch.ts';
import type { Client } from '../api/client.ts';
import type {
  BatchAnswer,
  RouteAnswer,
  RouteInput,
  RouteName,
  ServiceRequest,
  ServiceSettingsRequest,
} from '../api/routes.ts';
import { familyOf, parseEndpoint } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { type ErrorCode, FairleadError } from '../ipvs/errors.ts';
import { destinationRefusal, newDestinationRefusal, type Refusal, serviceRefusal } from '../ipvs/refusals.ts';
import { schedulers } from '../ipvs/schedulers.ts';
import {
  type Counters,
  type Destination,
  type DestinationKey,
  type DestinationStatus,
  destinationKeyText,
  type Rates,
  type ServiceKey,
  type ServiceSettings,
  type ServiceStatus,
  serviceFamily,
  serviceKeyOf,
  serviceKeyText,
} from '../ipvs/service.ts';
import { initialTimeouts } from '../ipvs/state-timeouts.ts';
import { type SyncDaemon, type SyncLink, startedSyncDaemon, syncRoles } from '../ipvs/sync-daemon.ts';
import { changedTimeouts, type Timeouts } from '../ipvs/timeouts.ts';

export const noCounters: Counters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

export const noRates: Rates = {
  connectionsPerSecond: 0,
  inPacketsPerSecond: 0,
  outPacketsPerSecond: 0,
  inBytesPerSecond: 0,
  outBytesPerSecond: 0,
};

export const noConnections = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };

type Handlers = { [N in RouteName]?: (input: RouteInput<N>) => RouteAnswer<N> };

/** An empty director; `connections` are what it streams. Routes ipvsadm has no use for are refused. */
export function createFakeDirector(connections: readonly ConnectionStatus[] = []): Client {
  const services = new Map<string, ServiceStatus>();
  const single = handlersOf(services);
  const handlers: Handlers = {
    ...single,
    batch: ({ body }) => body.map((call) => answerOne(single, call as BatchedCall)),
  };
  return {
    call: async (name, input) => {
      const handler = handlers[name];
      if (!handler) throw new FairleadError('BAD_REQUEST', name);
      return await Promise.resolve(handler(input));
    },
    async *stream() {
      await Promise.resolve();
      if (connections.length > 0) yield connections as never;
    },
    page: () => {
      throw new FairleadError('BAD_REQUEST', 'no pages');
    },
  };
}

function answerOne(handlers: Handlers, { route, ...input }: BatchedCall): BatchAnswer {
  try {
    (handlers[route] as (input: unknown) => unknown)(input);
    return null;
  } catch (error) {
    if (error instanceof FairleadError) return { code: error.code };
    throw error;
  }
}

/** The interfaces there are, as in the goldens' namespace. */
const links: Readonly<Record<string, SyncLink>> = {
  lo: { mtu: 65536, isUp: true, isLoopback: true },
  eth0: { mtu: 1500, isUp: true, isLoopback: false },
};

function handlersOf(services: Map<string, ServiceStatus>): Handlers {
  const sync = syncHandlers(services);
  const find = (key: string, missing: ErrorCode = 'SERVICE_NOT_FOUND') => {
    const service = services.get(key);
    if (!service) throw new FairleadError(missing);
    return service;
  };
  let timeouts: Timeouts = initialTimeouts;
  return {
    getTimeouts: () => timeouts,
    setTimeouts: ({ body }) => {
      timeouts = changedTimeouts(timeouts, body);
    },
    listServices: () => [...services.values()],
    getConfiguration: () => [...services.values()],
    getService: ({ params }) => find(params.service),
    addService: ({ body }) => {
      const key = serviceKeyText(body);
      if (services.has(key)) throw new FairleadError('SERVICE_EXISTS');
      services.set(key, emptyService(body));
    },
    editService: ({ params, body }) => {
      const { counters, rates, destinations, ...service } = find(params.service);
      const key = serviceKeyOf(service);
      const settings = knownSettings(body);
      refuse(serviceRefusal(key, settings));
      services.set(params.service, { ...key, ...settings, counters, rates, destinations });
    },
    deleteService: ({ params }) => {
      find(params.service);
      services.delete(params.service);
    },
    flush: () => services.clear(),
    zeroAll: () => undefined,
    zeroService: ({ params }) => {
      find(params.service);
    },
    ...sync.handlers,
    ...serverHandlers(services, (key) => find(key, 'SERVICE_NOT_DEFINED'), sync.refuseMixed),
  };
}

function syncHandlers(services: ReadonlyMap<string, ServiceStatus>) {
  let running: readonly SyncDaemon[] = [];
  const isMixed = (service: ServiceKey, { address }: DestinationKey) =>
    familyOf(address) !== serviceFamily(service);
  const handlers: Pick<Handlers, 'listSyncDaemons' | 'startSyncDaemon' | 'stopSyncDaemon'> = {
    listSyncDaemons: () => running,
    startSyncDaemon: ({ body }) => {
      const link = links[body.interface];
      const mixed = [...services.values()].some((each) =>
        each.destinations.some((one) => isMixed(each, one)),
      );
      const started = startedSyncDaemon(body, { running, link, isMixed: mixed });
      if (typeof started === 'string') throw new FairleadError(started);
      running = syncRoles.flatMap((role) => [...running, started].filter((one) => one.role === role));
    },
    stopSyncDaemon: ({ params }) => {
      const left = running.filter(({ role }) => role !== params.role);
      if (left.length === running.length) throw new FairleadError('NO_SYNC_DAEMON');
      running = left;
    },
  };
  const refuseMixed = (service: ServiceKey, destination: DestinationKey): void => {
    if (isMixed(service, destination) && running.length > 0) throw new FairleadError('SYNC_MIXED_FAMILIES');
  };
  return { handlers, refuseMixed };
}

function serverHandlers(
  services: Map<string, ServiceStatus>,
  find: (key: string) => ServiceStatus,
  refuseMixed: (service: ServiceKey, destination: DestinationKey) => void,
): Pick<Handlers, 'addDestination' | 'editDestination' | 'deleteDestination'> {
  const set = (service: ServiceStatus, destinations: readonly DestinationStatus[]) => {
    services.set(serviceKeyText(service), { ...service, destinations });
  };
  return {
    addDestination: ({ params, body }) => {
      const service = find(params.service);
      refuseMixed(service, body);
      refuse(destinationRefusal(service, body, body));
      const { destinations } = service;
      if (destinations.some((one) => isAt(one, destinationKeyText(body))))
        throw new FairleadError('DESTINATION_EXISTS');
      refuse(newDestinationRefusal(body));
      set(service, [emptyDestination(body), ...destinations]);
    },
    editDestination: ({ params, body }) => {
      const service = find(params.service);
      const key = parseEndpoint(params.destination);
      if (!key) throw new FairleadError('BAD_REQUEST', params.destination);
      refuseMixed(service, key);
      refuse(destinationRefusal(service, key, body));
      const { destinations } = service;
      if (!destinations.some((one) => isAt(one, params.destination)))
        throw new FairleadError('DESTINATION_NOT_FOUND');
      const edited = emptyDestination({ ...key, ...body });
      set(
        service,
        destinations.map((one) => (isAt(one, params.destination) ? edited : one)),
      );
    },
    deleteDestination: ({ params }) => {
      const service = find(params.service);
      const left = service.destinations.filter((one) => !isAt(one, params.destination));
      if (left.length === service.destinations.length) throw new FairleadError('DESTINATION_NOT_FOUND');
      set(service, left);
    },
  };
}

function isAt(destination: Destination, text: string): boolean {
  return destinationKeyText(destination) === text;
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal) throw new FairleadError(refusal.code, refusal.detail);
}

function knownSettings({ scheduler: name, engine, ...rest }: ServiceSettingsRequest): ServiceSettings {
  const scheduler = schedulers.find((known) => known === name);
  if (!scheduler || (engine !== undefined && engine !== 'sip'))
    throw new FairleadError('SCHEDULER_NOT_FOUND');
  const { flags, persistent, netmask, onePacket } = rest;
  return { scheduler, flags, persistent, netmask, onePacket, ...(engine && { engine }) };
}

function emptyService(request: ServiceRequest): ServiceStatus {
  const settings = knownSettings(request);
  refuse(serviceRefusal(request, settings));
  return {
    ...serviceKeyOf(request),
    ...settings,
    counters: noCounters,
    rates: noRates,
    destinations: [],
  };
}

function emptyDestination(destination: Destination): DestinationStatus {
  return { ...destination, ...noConnections, counters: noCounters, rates: noRates };
}
