/** What the model holds, in the words of the data plane's interface. */

import type { Port } from '../../ipvs/address.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';
import type { DestinationSnapshot, ServiceSnapshot } from '../dataplane.ts';
import {
  type Connection,
  type Destination,
  deadlineOf,
  type Expiring,
  type Service,
  type Template,
} from './memory.ts';

export function serviceSnapshot({ config, counts, destinations }: Service): ServiceSnapshot {
  return { ...config, counters: { ...counts }, destinations: destinations.map(destinationSnapshot) };
}

function destinationSnapshot({
  config,
  counts,
  active,
  inactive,
  persistent,
}: Destination): DestinationSnapshot {
  return {
    ...config,
    counters: { ...counts },
    activeConnections: active,
    inactiveConnections: inactive,
    persistentConnections: persistent,
  };
}

/** `undefined` for one that has expired and only waits for a sweep. */
export function connectionStatus(connection: Connection, now: number): ConnectionStatus | undefined {
  const { tuple, state, destination, method, serverPort } = connection;
  const expiresInSeconds = secondsLeft(connection, now);
  if (expiresInSeconds === undefined) return undefined;
  return {
    template: false,
    protocol: tuple.protocol,
    family: tuple.family,
    state,
    expiresInSeconds,
    client: { address: tuple.client, port: tuple.clientPort as Port },
    virtual: { address: tuple.virtual, port: tuple.virtualPort as Port },
    destination: { address: destination.address, port: serverPort as Port },
    method,
  };
}

export function templateStatus(template: Template, now: number): ConnectionStatus | undefined {
  const { protocol, family, client, virtual, virtualPort, destination, serverPort, callId } = template;
  const expiresInSeconds = secondsLeft(template, now);
  if (expiresInSeconds === undefined) return undefined;
  return {
    template: true,
    protocol,
    family,
    state: template.assured ? 'ASSURED' : 'NONE',
    expiresInSeconds,
    client: { address: client, port: 0 as Port },
    virtual: { address: virtual, port: virtualPort as Port },
    destination: { address: destination.address, port: serverPort as Port },
    method: destination.config.method,
    ...(callId !== undefined && { engine: { name: 'sip', data: callId } as const }),
  };
}

function secondsLeft(entry: Expiring, now: number): number | undefined {
  const left = deadlineOf(entry) - now;
  return left < 0 ? undefined : Math.floor(left / 1e9);
}
