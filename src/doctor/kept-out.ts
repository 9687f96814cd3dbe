/**
 * Real servers that are wanted and get no connections because their health checks have failed. Whatever is wrong with
 * them is to be found as if they were in rotation, and does other harm. Pure.
 */

import { destinationKeyText, serviceKeyText } from '../ipvs/service.ts';
import type { Case } from './finding.ts';
import type { ServerProbe } from './view.ts';

export type KeptOutProbe = ServerProbe & { readonly keptOut: string };

export function isKeptOut(probe: ServerProbe): probe is KeptOutProbe {
  return probe.keptOut !== undefined;
}

/** What the director says of it, as evidence. */
export function checksLine({ service, destination, keptOut }: KeptOutProbe): string {
  return `fairlead health: ${serviceKeyText(service)}, ${destinationKeyText(destination)}: down: ${keptOut}`;
}

/** A case as it is, or, where the real server is out of all services that it was seen with, with what that means. */
export function withChecks(probes: readonly ServerProbe[], one: Case): Case {
  const { host, services = [] } = one;
  if (host.role !== 'real server') return one;
  const its = probes.filter(
    ({ service, destination }) =>
      destination.address === host.address && services.includes(serviceKeyText(service)),
  );
  const out = its.filter(isKeptOut);
  if (its.length === 0 || out.length < its.length) return one;
  return {
    ...one,
    evidence: [...new Set([...one.evidence, ...out.map(checksLine)])],
    breaks: 'Its health checks keep it out: it gets no connections.',
  };
}
