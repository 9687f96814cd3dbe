/** Every counter and every connection of a director, in words. */

import type { DataPlane, NotForwarded } from '../../src/dataplane/dataplane.ts';
import type { ConnectionStatus } from '../../src/ipvs/connection.ts';
import type { Counters } from '../../src/ipvs/service.ts';
import { destinationKeyText, serviceKeyText } from '../../src/ipvs/service.ts';

/**
 * A line each, in this order:
 *
 *     tcp:10.0.0.100:80 conns=1 packets=2 bytes=80
 *     10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80
 *     10.0.0.10:40001 ESTABLISHED 10.0.0.11:80
 *     template 10.0.0.10 > 10.0.0.100:80 NONE 10.0.0.11:80
 *     no_connection=1
 *
 * Connections are sorted. Reasons, persistent connections and outgoing packets are named where there are some.
 */
export function tally({ plane }: { readonly plane: DataPlane }): readonly string[] {
  plane.sweep();
  const tables = [...plane.services()].flatMap((service) => [
    `${serviceKeyText(service)} ${countersText(service.counters)}`,
    ...service.destinations.map((server) => {
      const { activeConnections, inactiveConnections, persistentConnections: persistent } = server;
      const bound = `active=${activeConnections} inactive=${inactiveConnections}`;
      const templates = persistent ? ` persistent=${persistent}` : '';
      return `${destinationKeyText(server)} ${bound}${templates} ${countersText(server.counters)}`;
    }),
  ]);
  const connections = [...plane.connections()].map(connectionText);
  return [...tables, ...connections.sort(), ...reasonsText(plane.notForwarded())];
}

function connectionText({ template, client, virtual, state, destination }: ConnectionStatus): string {
  const ends = template
    ? `template ${client.address} > ${destinationKeyText(virtual)}`
    : destinationKeyText(client);
  return `${ends} ${state} ${destinationKeyText(destination)}`;
}

function countersText({ connections, inPackets, inBytes, outPackets, outBytes }: Counters): string {
  const out = outPackets || outBytes ? ` out=${outPackets}/${outBytes}` : '';
  return `conns=${connections} packets=${inPackets} bytes=${inBytes}${out}`;
}

/** Those that were counted at all, by name. */
export function reasonsText(notForwarded: NotForwarded): readonly string[] {
  const counted = Object.entries(notForwarded).filter(([, { packets }]) => packets > 0);
  return counted.map(([reason, { packets }]) => `${reason}=${packets}`);
}
