/** Everything the doctor can find, one row each. docs/doctor.md has a section for each. */

import type { Case, Disorder, Finding } from './finding.ts';
import { pageOf } from './finding.ts';
import { addressAnsweredByOther } from './findings/address-answered-by-other.ts';
import { addressAnsweredByRealServer } from './findings/address-answered-by-real-server.ts';
import { freshServer } from './findings/fresh-server.ts';
import { fullOfFinished } from './findings/full-of-finished.ts';
import { noConnectionState } from './findings/no-connection-state.ts';
import { quiescedTemplate } from './findings/quiesced-template.ts';
import { realServerBehindGateway } from './findings/real-server-behind-gateway.ts';
import { realServerDead } from './findings/real-server-dead.ts';
import { removedServer } from './findings/removed-server.ts';
import { serviceRefused } from './findings/service-refused.ts';
import { udpSticks } from './findings/udp-sticks.ts';
import { vipMissing } from './findings/vip-missing.ts';
import { vipNotHere } from './findings/vip-not-here.ts';
import type { DirectorView } from './view.ts';

export const disorders: readonly Disorder[] = [
  vipNotHere,
  addressAnsweredByRealServer,
  addressAnsweredByOther,
  realServerDead,
  realServerBehindGateway,
  vipMissing,
  serviceRefused,
  quiescedTemplate,
  removedServer,
  udpSticks,
  freshServer,
  fullOfFinished,
  noConnectionState,
];

/** Every finding that a view holds, in the table's order. */
export function judge(view: DirectorView): readonly Finding[] {
  return disorders.flatMap(({ code, title, breaks, onDirector }) =>
    merged(onDirector?.(view) ?? []).map((found) => ({ code, title, breaks, page: pageOf(code), ...found })),
  );
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
