/** A real server holds the virtual address and answers, but not what the service is asked. */

import { endpointText } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import { type Asked, asked, probeEvidence, realServer, serviceText, verdictIs } from './common.ts';
import { letThrough } from './cures.ts';

export const serviceFiltered: Disorder = {
  code: 'service-filtered',
  title: "A real server's firewall drops what is for the service",
  breaks: 'Clients that are given to it wait until they give up; a check of its own address may be green.',
  explainedBy: ['syn-flood', 'directors-in-a-loop'],
  onDirector: (view) => asked(view).filter(verdictIs('filtered')).map(caseOf),
};

function caseOf(probe: Asked): Case {
  const { target, answers } = probe.reach;
  const { vip, rip, virtualPort, realPort, protocol, isTranslated } = target;
  const [address, port] = isTranslated ? ([rip, realPort] as const) : ([vip, virtualPort] as const);
  const isRefused = (isTranslated ? answers.own : answers.virtual) === 'rejected';
  return {
    problem: `real server ${rip} ${isRefused ? 'rejects' : 'drops'} what is for ${protocol} ${endpointText(address, port)}, and answers pings of ${address}`,
    evidence: probeEvidence(probe),
    host: realServer(probe),
    vip,
    services: [serviceText(probe)],
    cure: {
      on: 'real server',
      host: rip,
      commands: [letThrough(address, protocol, port)],
      note: "nftables: the same in its own words; or the service's queue of connections is full",
    },
  };
}
