/** What the director says of itself, for the doctor. */

import type { Client } from '../../api/client.ts';
import type { HealthStatus, HealthSummary } from '../../api/health.ts';
import type { DirectorState, KeptOut } from '../../doctor/view.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';
import {
  type Destination,
  type DestinationStatus,
  destinationKeyText,
  type ServiceConfiguration,
  type ServiceStatus,
  serviceKeyText,
} from '../../ipvs/service.ts';

/** A table of millions tells no more than so many of its entries do. */
const mostConnections = 100_000;

export async function directorState(client: Client): Promise<DirectorState> {
  const [services, { interfaces, claims }, sysctls, notForwarded, markRules, summary] = await Promise.all([
    client.call('listServices', {}),
    client.call('status', {}),
    client.call('getSysctls', {}),
    client.call('notForwarded', {}),
    client.call('listMarkRules', {}),
    client.call('summarizeHealth', {}),
  ]);
  return {
    services,
    interfaces,
    sysctls,
    notForwarded,
    markRules,
    claims,
    keptOut: mayBeDown(summary)
      ? keptOut(services, await client.call('getWanted', {}), await client.call('getHealth', {}))
      : [],
    connections: await someConnections(client),
  };
}

/** Whether a real server is down, or the summary does not tell of all that do not serve. */
function mayBeDown({ servers, serving, out }: HealthSummary): boolean {
  return servers - serving > out.length || out.some(({ server }) => server.state === 'down');
}

/** Real servers that are down, as they are wanted: the table has left them out, or has them at weight 0. */
function keptOut(
  services: readonly ServiceStatus[],
  wanted: readonly ServiceConfiguration[],
  health: HealthStatus,
): readonly KeptOut[] {
  const listed = new Map(services.map((service) => [serviceKeyText(service), service]));
  const configured = new Map(wanted.map((service) => [serviceKeyText(service), service.destinations]));
  return health.services.flatMap(({ service: text, servers }) => {
    const service = listed.get(text);
    const settings = new Map(configured.get(text)?.map((one) => [destinationKeyText(one), one]));
    return servers.flatMap(({ server, state, reason }) => {
      const destination = settings.get(server);
      if (!service || !destination || state !== 'down' || serves(service, server)) return [];
      return [{ service, destination: unused(destination), reason }];
    });
  });
}

/** Who is down may be in the table all the same: put there by hand. */
function serves({ destinations }: ServiceStatus, server: string): boolean {
  return destinations.some((one) => one.weight > 0 && destinationKeyText(one) === server);
}

function unused(destination: Destination): DestinationStatus {
  return {
    ...destination,
    ...{ activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 },
    counters: { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 },
    rates: {
      ...{ connectionsPerSecond: 0, inPacketsPerSecond: 0, outPacketsPerSecond: 0 },
      ...{ inBytesPerSecond: 0, outBytesPerSecond: 0 },
    },
  };
}

async function someConnections(client: Client): Promise<readonly ConnectionStatus[]> {
  const connections: ConnectionStatus[] = [];
  for await (const some of client.stream('listConnections', {})) {
    connections.push(...some);
    if (connections.length >= mostConnections) break;
  }
  return connections;
}
