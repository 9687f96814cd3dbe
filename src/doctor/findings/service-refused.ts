/** A real server holds the virtual address, and nothing listens there. */

import { endpointText } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import { verdictOf } from '../verdict.ts';
import { type Asked, asked, probeEvidence, realServer, serviceText } from './common.ts';

export const serviceRefused: Disorder = {
  code: 'service-refused',
  title: 'Nothing listens on a real server',
  breaks: 'Every client that is given to it is refused.',
  onDirector: (view) =>
    asked(view)
      .filter(({ reach }) => verdictOf(reach.target, reach.answers) === 'refused')
      .map(caseOf),
};

function caseOf(probe: Asked): Case {
  const { target, answers } = probe.reach;
  const asked = target.isTranslated
    ? endpointText(target.rip, target.realPort)
    : endpointText(target.vip, target.virtualPort);
  const own = endpointText(target.rip, target.realPort);
  const onlyOwn = !target.isTranslated && answers.own === 'open';
  const any = target.vip.includes(':') ? '[::]' : '0.0.0.0';
  return {
    problem: onlyOwn
      ? `the service on ${target.rip} listens on ${own} only, and refuses ${asked}`
      : `nothing listens on ${asked} on real server ${target.rip}`,
    evidence: probeEvidence(probe),
    host: realServer(probe),
    vip: target.vip,
    services: [serviceText(probe)],
    cure: onlyOwn
      ? {
          on: 'real server',
          host: target.rip,
          commands: [`ss -ltnup 'sport = :${target.realPort}'`],
          note: `its configuration must have it listen on ${any}:${target.realPort} or ${asked}`,
        }
      : {
          on: 'director',
          commands: [],
          note: `start the service on ${target.rip}, or take it out of rotation (ipvsadm -e … -w 0)`,
        },
  };
}
