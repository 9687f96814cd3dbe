/** A real server drops what is for the virtual address: it does not hold it. */

import type { Case, Disorder } from '../finding.ts';
import { verdictOf } from '../verdict.ts';
import { type Asked, asked, probeEvidence, realServer, serviceText } from './common.ts';

export const vipMissing: Disorder = {
  code: 'vip-missing',
  title: 'A real server does not hold the virtual address',
  breaks: 'It drops every packet the director gives it: these clients wait until they give up.',
  onDirector: (view) =>
    asked(view)
      .filter(
        ({ reach }) =>
          reach.gateway === undefined &&
          reach.target.tunnel === undefined &&
          verdictOf(reach.target, reach.answers) === 'missing',
      )
      .map(caseOf),
};

function caseOf(probe: Asked): Case {
  const { target } = probe.reach;
  const isIpv6 = target.vip.includes(':');
  return {
    problem: `real server ${target.rip} does not hold ${target.vip}: what is for it is dropped there`,
    evidence: probeEvidence(probe),
    host: realServer(probe),
    vip: target.vip,
    services: [serviceText(probe)],
    cure: {
      on: 'real server',
      host: target.rip,
      commands: isIpv6
        ? [`ip -6 addr add ${target.vip}/128 dev lo preferred_lft 0`]
        : [
            'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
            `ip addr add ${target.vip}/32 dev lo`,
          ],
    },
  };
}
