/** A real server drops what is for the virtual address: it does not hold it. */

import type { Address } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import type { RealServerView } from '../view.ts';
import { type Asked, asked, probeEvidence, realServer, serviceText, verdictIs } from './common.ts';
import { silentlyOnLo } from './cures.ts';

export const vipMissing: Disorder = {
  code: 'vip-missing',
  title: 'A real server does not hold the virtual address',
  breaks: 'It drops every packet the director gives it: these clients wait until they give up.',
  onDirector: (view) =>
    asked(view)
      .filter(({ reach }) => reach.gateway === undefined || reach.target.tunnel !== undefined)
      .filter(verdictIs('missing'))
      .map(caseOf),
  onRealServer: (view) => view.vips.filter((vip) => !isHere(view, vip)).map(ownCase),
};

function caseOf(probe: Asked): Case {
  const { target } = probe.reach;
  return {
    problem: `real server ${target.rip} does not hold ${target.vip}: what is for it is dropped there`,
    evidence: probeEvidence(probe),
    host: realServer(probe),
    vip: target.vip,
    services: [serviceText(probe)],
    cure: { on: 'real server', host: target.rip, commands: silentlyOnLo(target.vip) },
  };
}

function isHere({ host }: RealServerView, vip: Address): boolean {
  return host.interfaces.some(({ addresses }) => addresses.some(({ address }) => address === vip));
}

function ownCase(vip: Address): Case {
  return {
    problem: `${vip} is on no interface of this real server`,
    evidence: [`ip addr show to ${vip}: nothing`],
    host: { role: 'real server' },
    vip,
    cure: { on: 'real server', commands: silentlyOnLo(vip) },
  };
}
