/** What a real server still has to do. Pure. */

import { openConnections, type ServiceStatus, serviceKeyText, tellsItsEnd } from '../../ipvs/service.ts';
import { type Member, paramsOf } from './members.ts';

export type Load = {
  /** Connections that a client may still use. */
  readonly open: number;
  /** Those that have ended and wait out their time; of UDP, those that are open. */
  readonly waiting: number;
  /** Persistence templates. */
  readonly persistent: number;
};

/** Of all these together. */
export function loadOf(services: readonly ServiceStatus[], members: readonly Member[]): Load {
  const byKey = new Map(services.map((service) => [serviceKeyText(service), service]));
  const loads = members.flatMap((member): readonly Load[] => {
    const { service: key } = paramsOf(member);
    const service = byKey.get(key);
    const found = service?.destinations.find(
      ({ address, port }) => address === member.server.address && port === member.server.port,
    );
    if (!service || !found) return [];
    const { inactiveConnections, persistentConnections } = found;
    return [
      {
        open: openConnections(service, found),
        waiting: tellsItsEnd(service) ? inactiveConnections : 0,
        persistent: persistentConnections,
      },
    ];
  });
  const sum = (of: keyof Load): number => loads.reduce((total, load) => total + load[of], 0);
  return { open: sum('open'), waiting: sum('waiting'), persistent: sum('persistent') };
}

export function connectionsText(count: number): string {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}

/** `17 connections, 3 more end, 2 clients bound by persistence` */
export function loadText({ open, waiting, persistent }: Load): string {
  return [
    connectionsText(open),
    ...(waiting > 0 ? [`${waiting} that have ended wait out their time`] : []),
    ...(persistent > 0
      ? [`${persistent} ${persistent === 1 ? 'client' : 'clients'} bound by persistence`]
      : []),
  ].join(', ');
}
