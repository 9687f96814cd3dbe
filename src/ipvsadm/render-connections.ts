/** The connection table (`ipvsadm -L -c`) as text, row by row: it may be millions long. */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { DestinationKey } from '../ipvs/service.ts';
import { left, minutesAndSeconds } from './format.ts';
import type { Label, LabelRequest } from './labels.ts';

export const connectionHeader =
  'IPVS connection entries\npro expire state       source             virtual            destination\n';

/** A host and port together fill at most so many characters of ipvsadm's buffer. */
const longestName = 59;

/** One row with its newline. */
export function renderConnection(connection: ConnectionStatus, label: Label): string {
  const { protocol, state, expiresInSeconds, client, virtual, destination } = connection;
  const name = (endpoint: DestinationKey) => label(endpoint, protocol).slice(0, longestName);
  const cells = [
    left(protocol.toUpperCase(), 3),
    left(minutesAndSeconds(expiresInSeconds), 6),
    left(state, 11),
    left(name(client), 18),
    left(name(virtual), 18),
    name(destination),
  ];
  return `${cells.join(' ')}\n`;
}

/** Every endpoint the rows show. */
export function* labelsOfConnections(connections: readonly ConnectionStatus[]): Generator<LabelRequest> {
  for (const { protocol, client, virtual, destination } of connections) {
    for (const endpoint of [client, virtual, destination]) yield { endpoint, protocol };
  }
}
