/** The connection table (`ipvsadm -L -c`) as text, row by row: it may be millions long. */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { DestinationKey } from '../ipvs/service.ts';
import { left, minutesAndSeconds } from './format.ts';
import type { Label, LabelRequest, PortProtocol } from './labels.ts';

const title = 'IPVS connection entries';
const heading = 'pro expire state       source             virtual            destination';

/** The two lines above the rows. */
export function connectionHeader(engineData: boolean): string {
  return `${title}\n${heading}${engineData ? '        pe name          pe_data' : ''}\n`;
}

/** One row with its newline. */
export function renderConnection(connection: ConnectionStatus, label: Label, engineData: boolean): string {
  const { protocol, state, expiresInSeconds, client, virtual, destination, engine } = connection;
  const name = (endpoint: DestinationKey) => label(endpoint, portProtocol(connection));
  const cells = [
    left(protocol.toUpperCase(), 3),
    left(minutesAndSeconds(expiresInSeconds), 6),
    left(state, 11),
    left(name(client), 18),
    left(name(virtual), 18),
    // The row is two columns off its heading; so it is in the real tool.
    ...(engineData && engine
      ? [left(name(destination), 16), left(engine.name, 18), engine.data]
      : [name(destination)]),
  ];
  return `${cells.join(' ')}\n`;
}

/** Every endpoint the rows show. */
export function* labelsOfConnections(connections: readonly ConnectionStatus[]): Generator<LabelRequest> {
  for (const connection of connections) {
    const { client, virtual, destination } = connection;
    for (const endpoint of [client, virtual, destination])
      yield { endpoint, protocol: portProtocol(connection) };
  }
}

/** `IP` is a template by firewall mark, whose ports are none. */
function portProtocol({ protocol }: ConnectionStatus): PortProtocol {
  return protocol === 'ip' ? undefined : protocol;
}
