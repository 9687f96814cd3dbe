/** What the director says of itself, for the doctor. */

import type { Client } from '../../api/client.ts';
import type { DirectorState } from '../../doctor/view.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';

/** A table of millions tells no more than so many of its entries do. */
const mostConnections = 100_000;

export async function directorState(client: Client): Promise<DirectorState> {
  const [services, { interfaces, claims }, sysctls, notForwarded, markRules] = await Promise.all([
    client.call('listServices', {}),
    client.call('status', {}),
    client.call('getSysctls', {}),
    client.call('notForwarded', {}),
    client.call('listMarkRules', {}),
  ]);
  return {
    services,
    interfaces,
    sysctls,
    notForwarded,
    markRules,
    claims,
    connections: await someConnections(client),
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
