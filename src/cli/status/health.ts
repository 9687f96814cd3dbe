/** Which real servers their checks, files and people keep out, and why: a few lines of `fairlead status`. Pure. */

import type { HealthSummary } from '../../api/health.ts';
import { durationText, whyOf } from '../health/words.ts';
import { columns } from './numbers.ts';

/** Nothing where nothing is looked after. `now`: milliseconds since 1970. */
export function healthLines({ servers, serving, out, jobs }: HealthSummary, now: number): readonly string[] {
  if (servers === 0 && jobs === 0) return [];
  const more = servers - serving - out.length;
  return [
    `Health: ${serving} of ${servers} real servers serve${serving === servers ? '' : ' (fairlead health)'}`,
    ...columns(
      out.map((each) => rowOf(each, now)),
      new Set(),
    ).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** Services that have fewer real servers than they need. */
export function quorumWarnings({ withoutQuorum, quorumless }: HealthSummary): readonly string[] {
  const more = withoutQuorum - quorumless.length;
  return [...quorumless.map(quorumWarning), ...(more > 0 ? [`${more} more services have no quorum`] : [])];
}

function quorumWarning({ service, weight, needed, isSorry }: HealthSummary['quorumless'][number]): string {
  const sorry = isSorry ? ', the sorry server serves' : '';
  return `${service} has no quorum: weight ${weight} is up, ${needed} is needed${sorry} (fairlead health)`;
}

/** Real servers whose checks say nothing, with one of them: what is thought of them is of no worth any more. */
export function uncheckedWarning({ blind, blindOne }: HealthSummary): readonly string[] {
  if (!blindOne) return [];
  const first = `${blindOne.server} of ${blindOne.service}: ${blindOne.problem}`;
  return [blind === 1 ? `a check is blind: ${first}` : `${blind} checks are blind; ${first}`];
}

function rowOf({ service, name, server }: HealthSummary['out'][number], now: number): readonly string[] {
  const since = durationText(now - Date.parse(server.since));
  return [name ?? service, server.server, server.state, since, whyOf(server)];
}
