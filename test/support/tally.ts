/** Every counter and every connection of a director, in words. */

import type { Counters } from '../../src/ipvs/service.ts';
import { destinationKeyText, serviceKeyText } from '../../src/ipvs/service.ts';
import type { Bench } from './bench.ts';

/**
 * A line each, in this order:
 *
 *     tcp:10.0.0.100:80 conns=1 packets=2 bytes=80
 *     10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80
 *     10.0.0.10:40001 ESTABLISHED 10.0.0.11:80
 *     no_connection=1
 *
 * Connections are sorted. Reasons not to forward, and outgoing packets, are named where they were counted.
 */
export function tally({ plane }: Pick<Bench, 'plane'>): readonly string[] {
  const tables = plane.services().flatMap((service) => [
    `${serviceKeyText(service)} ${countersText(service.counters)}`,
    ...service.destinations.map((server) => {
      const bound = `active=${server.activeConnections} inactive=${server.inactiveConnections}`;
      return `${destinationKeyText(server)} ${bound} ${countersText(server.counters)}`;
    }),
  ]);
  const connections = [...plane.connections()].map(
    ({ client, state, destination }) =>
      `${destinationKeyText(client)} ${state} ${destinationKeyText(destination)}`,
  );
  return [...tables, ...connections.sort(), ...reasons(plane.notForwarded())];
}

function countersText({ connections, inPackets, inBytes, outPackets, outBytes }: Counters): string {
  const out = outPackets || outBytes ? ` out=${outPackets}/${outBytes}` : '';
  return `conns=${connections} packets=${inPackets} bytes=${inBytes}${out}`;
}

function reasons(notForwarded: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(notForwarded).flatMap(([reason, count]) => (count ? [`${reason}=${count}`] : []));
}
