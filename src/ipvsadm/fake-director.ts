/**
 * A director in memory for this room's tests: the API's routes and refusals, no packets. Services keep the
 * order in which they came, real servers stand newest first.
 */

import type { Client } from '../api/client.ts';
import type { RouteAnswer, RouteInput, RouteName, ServiceRequest } from '../api/routes.ts';
import { isUnicast } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { type ErrorCode, FairleadError } from '../ipvs/errors.ts';
import { type Scheduler, schedulers } from '../ipvs/schedulers.ts';
import {
  type Counters,
  type Destination,
  type DestinationStatus,
  destinationKeyText,
  type Rates,
  type ServiceStatus,
  serviceKeyText,
} from '../ipvs/service.ts';
import { changedTimeouts, type Timeouts } from '../ipvs/timeouts.ts';

export const noCounters: Counters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

export const noRates: Rates = {
  connectionsPerSecond: 0,
  inPacketsPerSecond: 0,
  outPacketsPerSecond: 0,
  inBytesPerSecond: 0,
  outBytesPerSecond: 0,
};

type Handlers = { [N in RouteName]?: (input: RouteInput<N>) => RouteAnswer<N> };

/** An empty director; `connections` are what it streams. Routes ipvsadm has no use for are refused. */
export function createFakeDirector(connections: readonly ConnectionStatus[] = []): Client {
  const services = new Map<string, ServiceStatus>();
  const handlers = handlersOf(services);
  return {
    call: async (name, input) => {
      const handler = handlers[name];
      if (!handler) throw new FairleadError('BAD_REQUEST', name);
      return await Promise.resolve(handler(input));
    },
    async *stream() {
      await Promise.resolve();
      for (const connection of connections) yield connection as never;
    },
  };
}

function handlersOf(services: Map<string, ServiceStatus>): Handlers {
  const find = (key: string, missing: ErrorCode = 'SERVICE_NOT_FOUND') => {
    const service = services.get(key);
    if (!service) throw new FairleadError(missing);
    return service;
  };
  const change = (key: string, part: Partial<ServiceStatus>) => {
    services.set(key, { ...find(key), ...part });
  };
  let timeouts: Timeouts = { tcp: 900, tcpFin: 120, udp: 300 };
  return {
    getTimeouts: () => timeouts,
    setTimeouts: ({ body }) => {
      timeouts = changedTimeouts(timeouts, body);
    },
    listServices: () => [...services.values()],
    getService: ({ params }) => find(params.service),
    addService: ({ body }) => {
      const key = serviceKeyText(body);
      if (services.has(key)) throw new FairleadError('SERVICE_EXISTS');
      services.set(key, emptyService(body));
    },
    editService: ({ params, body }) => {
      find(params.service);
      change(params.service, { ...body, scheduler: schedulerNamed(body.scheduler) });
    },
    deleteService: ({ params }) => {
      find(params.service);
      services.delete(params.service);
    },
    flush: () => {
      services.clear();
    },
    zeroAll: () => undefined,
    zeroService: ({ params }) => {
      find(params.service);
    },
    addDestination: ({ params, body }) => {
      const { destinations } = find(params.service, 'SERVICE_NOT_DEFINED');
      if (!isUnicast(body.address)) throw new FairleadError('DESTINATION_NOT_UNICAST');
      const present = destinations.some((one) => destinationKeyText(one) === destinationKeyText(body));
      if (present) throw new FairleadError('DESTINATION_EXISTS');
      change(params.service, { destinations: [emptyDestination(body), ...destinations] });
    },
    editDestination: ({ params, body }) => {
      const { destinations } = find(params.service, 'SERVICE_NOT_DEFINED');
      const edited = destinations.map((one) => (isAt(one, params) ? { ...one, ...body } : one));
      if (!destinations.some((one) => isAt(one, params))) throw new FairleadError('DESTINATION_NOT_FOUND');
      change(params.service, { destinations: edited });
    },
    deleteDestination: ({ params }) => {
      const { destinations } = find(params.service, 'SERVICE_NOT_DEFINED');
      const left = destinations.filter((one) => !isAt(one, params));
      if (left.length === destinations.length) throw new FairleadError('DESTINATION_NOT_FOUND');
      change(params.service, { destinations: left });
    },
  };
}

function isAt(destination: Destination, params: { readonly destination: string }): boolean {
  return destinationKeyText(destination) === params.destination;
}

function schedulerNamed(name: string): Scheduler {
  const scheduler = schedulers.find((known) => known === name);
  if (!scheduler) throw new FairleadError('SCHEDULER_NOT_FOUND');
  return scheduler;
}

function emptyService({ scheduler, ...key }: ServiceRequest): ServiceStatus {
  return {
    ...key,
    scheduler: schedulerNamed(scheduler),
    counters: noCounters,
    rates: noRates,
    destinations: [],
  };
}

function emptyDestination(destination: Destination): DestinationStatus {
  const idle = { activeConnections: 0, inactiveConnections: 0, counters: noCounters, rates: noRates };
  return { ...destination, ...idle };
}
