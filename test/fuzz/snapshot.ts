/** Everything that a data plane shows, as lines that can be compared. */

import type { DataPlane } from '../../src/dataplane/dataplane.ts';
import type { ConnectionStatus } from '../../src/ipvs/connection.ts';
import { type Counters, destinationKeyText, serviceKeyText } from '../../src/ipvs/service.ts';

/** Sweeps first, so that every count is of this moment. Connections are sorted. */
export function snapshot(plane: DataPlane): readonly string[] {
  plane.sweep();
  const services = [...plane.services()].flatMap((service) => [
    `${serviceKeyText(service)} ${service.scheduler} ${countersText(service.counters)}`,
    ...service.destinations.map(
      (server) =>
        `  ${destinationKeyText(server)} ${server.method} w=${server.weight} active=${server.activeConnections} ` +
        `inactive=${server.inactiveConnections} persistent=${server.persistentConnections} ${countersText(server.counters)}`,
    ),
  ]);
  const connections: string[] = [];
  for (const connection of plane.connections()) connections.push(connectionText(connection));
  const { count, halfOpen, stateless } = plane.connectionTable();
  const reasons = Object.entries(plane.notForwarded())
    .filter(([, { packets }]) => packets > 0)
    .map(([reason, { packets }]) => `${reason}=${packets}`);
  return [
    ...services,
    ...connections.sort(),
    `entries=${count} half-open=${halfOpen}${stateless ? ' stateless' : ''}`,
    ...reasons.sort(),
  ];
}

function connectionText(connection: ConnectionStatus): string {
  const { protocol, client, virtual, destination, state, method, expiresInSeconds, template, engine } =
    connection;
  const ends = `${destinationKeyText(client)} > ${destinationKeyText(virtual)} > ${destinationKeyText(destination)}`;
  const kind = template ? 'template ' : '';
  return `${kind}${protocol} ${ends} ${method} ${state} ${expiresInSeconds} s${engine ? ` ${engine.data}` : ''}`;
}

function countersText({ connections, inPackets, inBytes, outPackets, outBytes }: Counters): string {
  return `conns=${connections} in=${inPackets}/${inBytes} out=${outPackets}/${outBytes}`;
}

/** The first line in which the two differ, with what each has. */
export function firstDifference(
  one: readonly string[],
  other: readonly string[],
): readonly [string, string] | undefined {
  if (one.length === other.length && one.every((line, index) => line === other[index])) return undefined;
  const [inOther, inOne] = [new Set(other), new Set(one)];
  const [left, right] = [one.find((line) => !inOther.has(line)), other.find((line) => !inOne.has(line))];
  return [left ?? '(nothing)', right ?? '(nothing)'];
}
