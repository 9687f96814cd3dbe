/** Everything the doctor can find, one row each. docs/doctor.md has a section for each. */

import type { Case, Disorder, Finding } from './finding.ts';
import { pageOf } from './finding.ts';
import { addressAnsweredByOther } from './findings/address-answered-by-other.ts';
import { addressAnsweredByRealServer } from './findings/address-answered-by-real-server.ts';
import { addressClaimedByRealServer } from './findings/address-claimed-by-real-server.ts';
import { answersLost } from './findings/answers-lost.ts';
import { answersPastDirector } from './findings/answers-past-director.ts';
import { answersThroughDirector } from './findings/answers-through-director.ts';
import { checksFail } from './findings/checks-fail.ts';
import { clientHoldsVip } from './findings/client-holds-vip.ts';
import { directorAsksAsVip } from './findings/director-asks-as-vip.ts';
import { directorsInALoop } from './findings/directors-in-a-loop.ts';
import { entryOutdated } from './findings/entry-outdated.ts';
import { freshServer } from './findings/fresh-server.ts';
import { fullOfFinished } from './findings/full-of-finished.ts';
import { hookForced } from './findings/hook-forced.ts';
import { hookMissing } from './findings/hook-missing.ts';
import { jitOff } from './findings/jit-off.ts';
import { localServiceFiltered } from './findings/local-service-filtered.ts';
import { lroOn } from './findings/lro-on.ts';
import { noConnectionState } from './findings/no-connection-state.ts';
import { noRealServer } from './findings/no-real-server.ts';
import { pathMtu } from './findings/path-mtu.ts';
import { portReuse } from './findings/port-reuse.ts';
import { quiescedTemplate } from './findings/quiesced-template.ts';
import { realServerBehindGateway } from './findings/real-server-behind-gateway.ts';
import { realServerDead } from './findings/real-server-dead.ts';
import { realServerMute } from './findings/real-server-mute.ts';
import { realServerUnreachable } from './findings/real-server-unreachable.ts';
import { removedServer } from './findings/removed-server.ts';
import { reversePathFilter } from './findings/reverse-path-filter.ts';
import { routeRedirected } from './findings/route-redirected.ts';
import { serviceFiltered } from './findings/service-filtered.ts';
import { serviceRefused } from './findings/service-refused.ts';
import { severalAnswerers } from './findings/several-answerers.ts';
import { staleNeighbour } from './findings/stale-neighbour.ts';
import { synFlood } from './findings/syn-flood.ts';
import { tooBig } from './findings/too-big.ts';
import { tunnelNotTakenOut } from './findings/tunnel-not-taken-out.ts';
import { udpSticks } from './findings/udp-sticks.ts';
import { vipAsSource } from './findings/vip-as-source.ts';
import { vipDuplicate } from './findings/vip-duplicate.ts';
import { vipMissing } from './findings/vip-missing.ts';
import { vipNotHere } from './findings/vip-not-here.ts';
import { vipPrefixTooShort } from './findings/vip-prefix-too-short.ts';
import { vipSilent } from './findings/vip-silent.ts';
import { withChecks } from './kept-out.ts';
import type { View } from './view.ts';

export const disorders: readonly Disorder[] = [
  vipNotHere,
  vipSilent,
  vipDuplicate,
  vipAsSource,
  directorAsksAsVip,
  addressAnsweredByRealServer,
  addressClaimedByRealServer,
  addressAnsweredByOther,
  staleNeighbour,
  hookMissing,
  hookForced,
  jitOff,
  lroOn,
  tooBig,
  realServerUnreachable,
  realServerDead,
  realServerBehindGateway,
  realServerMute,
  vipMissing,
  vipPrefixTooShort,
  tunnelNotTakenOut,
  serviceRefused,
  serviceFiltered,
  localServiceFiltered,
  answersThroughDirector,
  answersPastDirector,
  answersLost,
  directorsInALoop,
  reversePathFilter,
  pathMtu,
  checksFail,
  noRealServer,
  quiescedTemplate,
  removedServer,
  fullOfFinished,
  udpSticks,
  portReuse,
  freshServer,
  synFlood,
  noConnectionState,
  severalAnswerers,
  entryOutdated,
  routeRedirected,
  clientHoldsVip,
];

/** Every finding that a view holds, in the table's order. */
export function judge(view: View): readonly Finding[] {
  const probes = view.kind === 'director' ? view.probes : [];
  const found = disorders.map((disorder) => ({
    disorder,
    cases: merged(casesOf(disorder, view)).map((one) => withChecks(probes, one)),
  }));
  const codes = new Set(found.filter(({ cases }) => cases.length > 0).map(({ disorder }) => disorder.code));
  return found
    .filter(({ disorder }) => !disorder.explainedBy?.some((code) => codes.has(code)))
    .flatMap(({ disorder: { code, title, breaks }, cases }) =>
      cases.map((one) => ({ code, title, breaks, page: pageOf(code), ...one })),
    );
}

function casesOf(disorder: Disorder, view: View): readonly Case[] {
  switch (view.kind) {
    case 'director':
      return disorder.onDirector?.(view) ?? [];
    case 'realserver':
      return disorder.onRealServer?.(view) ?? [];
    case 'client':
      return disorder.onClient?.(view) ?? [];
  }
}

/** Cases that tell the same of the same host are one, with the services and the evidence of all. */
function merged(cases: readonly Case[]): readonly Case[] {
  const bySentence = new Map<string, Case>();
  for (const one of cases) {
    const key = JSON.stringify([one.problem, one.host]);
    const other = bySentence.get(key);
    bySentence.set(key, other ? together(other, one) : one);
  }
  return [...bySentence.values()];
}

function together(first: Case, second: Case): Case {
  const union = (a: readonly string[] = [], b: readonly string[] = []) => [...new Set([...a, ...b])];
  const services = union(first.services, second.services);
  return {
    ...first,
    evidence: union(first.evidence, second.evidence),
    ...(services.length > 0 && { services }),
  };
}
