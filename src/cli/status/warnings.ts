/** What of a director's state somebody should look at. Pure. */

import type { HealthSummary } from '../../api/health.ts';
import type { DirectorStatus, NeighbourStatus, ServiceSummary } from '../../api/status.ts';
import { isResolved } from '../../ipvs/neighbour.ts';
import { quorumWarnings, uncheckedWarning } from './health.ts';

export type Glance = {
  readonly status: DirectorStatus;
  readonly services: readonly ServiceSummary[];
  readonly neighbours: readonly NeighbourStatus[];
  readonly health: HealthSummary;
};

/** Where nothing is looked after. */
export const noHealth: HealthSummary = {
  ...{ servers: 0, serving: 0, out: [], withoutQuorum: 0, quorumless: [], blind: 0, jobs: 0 },
};

/** Above this part of it a table is called nearly full. */
const nearlyFull = 0.8;
/** A claim that is longer ago than this is history. */
const recentSeconds = 300;

/** A sentence each, the gravest first. */
export function warningsOf({ status, services, neighbours, health }: Glance): readonly string[] {
  const { interfaces, connections, claims, notForwarded } = status;
  const { count, limit, halfOpen, halfOpenLimit, stateless } = connections;
  const isServed = interfaces.some(({ hooks }) => hooks.length > 0);
  return [
    ...(isServed ? [] : ['the director stands on no interface']),
    ...(stateless ? ['no room: new connections are forwarded by consistent hash, without an entry'] : []),
    ...(count > limit * nearlyFull ? [`the table of connections is nearly full: ${count} of ${limit}`] : []),
    ...(halfOpen > halfOpenLimit * nearlyFull
      ? [`half-open connections have nearly all their room: ${halfOpen} of ${halfOpenLimit}`]
      : []),
    ...services.filter(({ available }) => available === 0).map(idleService),
    ...quorumWarnings(health),
    ...uncheckedWarning(health),
    ...neighbours
      .filter(({ state }) => !isResolved(state))
      .map(({ address, interface: name }) => `nobody answers for real server ${address} on ${name}`),
    ...claims
      .filter(({ lastSecondsAgo }) => lastSecondsAgo < recentSeconds)
      .map(({ vip, mac, interface: name }) => `${mac} claims ${vip} on ${name} (fairlead doctor)`),
    ...Object.entries(notForwarded)
      .filter(([, { perSecond }]) => perSecond > 0)
      .map(([reason, { perSecond }]) => `${reason}: ${perSecond} packets a second (fairlead drops)`),
  ];
}

function idleService({ service, servers }: ServiceSummary): string {
  if (servers === 0) return `${service} has no real server`;
  return servers === 1
    ? `${service}: its real server has weight 0`
    : `${service}: all ${servers} real servers have weight 0`;
}
