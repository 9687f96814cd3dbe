/** Connections as a table for people. IPv4 fits its columns; of IPv6 each row is as wide as it has to be. */

import { endpointText } from '../../ipvs/address.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';

const widths = [5, 11, 8, 21, 21, 21] as const;

export const connectionHeading = row([
  'PROTO',
  'STATE',
  'EXPIRES',
  'CLIENT',
  'VIRTUAL',
  'REAL SERVER',
  'METHOD',
]);

export function connectionRow(connection: ConnectionStatus): string {
  const { protocol, state, expiresInSeconds, client, virtual, destination, method, engine } = connection;
  return row([
    protocol,
    state,
    clockText(expiresInSeconds),
    endpointText(client.address, client.port),
    endpointText(virtual.address, virtual.port),
    endpointText(destination.address, destination.port),
    engine ? `${method} ${engine.name} ${engine.data}` : method,
  ]);
}

function row(cells: readonly string[]): string {
  return cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' ');
}

/** `14:58`, as `ipvsadm -Lc` has it; from an hour on `26:14:58`. */
function clockText(seconds: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(seconds % 60)}`;
}
