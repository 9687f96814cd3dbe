/** Which real servers their checks, files and people keep out, and why: a few lines of `fairlead status`. Pure. */

import type { HealthStatus, ServerHealth, ServiceHealthStatus } from '../../api/health.ts';
import { durationText, whyOf } from '../health/words.ts';
import { columns } from './numbers.ts';

const shownServers = 20;

/** Nothing where nothing is looked after. `now`: milliseconds since 1970. */
export function healthLines({ services }: HealthStatus, now: number): readonly string[] {
  if (services.length === 0) return [];
  const all = services.reduce((sum, { servers }) => sum + servers.length, 0);
  const out = services.flatMap((service) =>
    service.servers.filter(isOut).map((server) => rowOf(service, server, now)),
  );
  const more = out.length - shownServers;
  return [
    `Health: ${all - out.length} of ${all} real servers serve${out.length === 0 ? '' : ' (fairlead health)'}`,
    ...columns(out.slice(0, shownServers), new Set()).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** A service that has fewer real servers than it needs. */
export function quorumWarning({ service, weight, needed, isSorry }: ServiceHealthStatus): string {
  const sorry = isSorry ? ', the sorry server serves' : '';
  return `${service} has no quorum: weight ${weight} is up, ${needed} is needed${sorry} (fairlead health)`;
}

/** Real servers whose checks say nothing, with one of them: what is thought of them is of no worth any more. */
export function uncheckedWarning({ services }: HealthStatus): readonly string[] {
  const silent = services.flatMap(({ service, servers }) =>
    servers.flatMap(({ server, checks }) =>
      checks.flatMap(({ problem }) => (problem === undefined ? [] : [`${server} of ${service}: ${problem}`])),
    ),
  );
  const [first] = silent;
  if (first === undefined) return [];
  return [silent.length === 1 ? `a check is blind: ${first}` : `${silent.length} checks are blind; ${first}`];
}

function isOut({ state }: ServerHealth): boolean {
  return state !== 'up' && state !== 'starting';
}

function rowOf({ service, name }: ServiceHealthStatus, server: ServerHealth, now: number): readonly string[] {
  const since = durationText(now - Date.parse(server.since));
  return [name ?? service, server.server, server.state, since, whyOf(server)];
}
