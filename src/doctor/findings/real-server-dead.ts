/** Nobody answers ARP or neighbour discovery for a real server. */

import type { Case, Disorder } from '../finding.ts';
import type { Reach, ServerProbe } from '../view.ts';
import { inRotation, realServer, serviceText } from './common.ts';
import { outOfRotation } from './ipvsadm.ts';
import { prefixCase } from './vip-prefix-too-short.ts';

type Dead = ServerProbe & { readonly reach: Reach & { readonly kind: 'dead' | 'deaf' } };

export const realServerDead: Disorder = {
  code: 'real-server-dead',
  title: 'A real server is not there',
  breaks: 'What the director gives it is lost, and its clients wait until they give up.',
  onDirector: (view) =>
    inRotation(view)
      .filter((probe): probe is Dead => isDead(probe) && !prefixCase(view, probe))
      .map(caseOf),
};

function isDead({ reach }: ServerProbe): boolean {
  return reach.kind === 'dead' || reach.kind === 'deaf';
}

function caseOf(probe: Dead): Case {
  const { destination, reach } = probe;
  const gateway = reach.kind === 'dead' ? reach.gateway : undefined;
  const whom = gateway ?? destination.address;
  const protocol = whom.includes(':') ? 'neighbour discovery' : 'ARP';
  return {
    problem: gateway
      ? `the gateway ${gateway} on the way to real server ${destination.address} does not answer ${protocol}`
      : `real server ${destination.address} does not answer ${protocol}`,
    evidence: [
      `three questions for ${whom} by ${reach.interface}: nobody answered`,
      ...(reach.kind === 'deaf' ? [`asked in nobody's name: ${reach.mac} answered`] : []),
    ],
    host: realServer(probe),
    services: [serviceText(probe)],
    cure: outOfRotation(probe, ` until ${destination.address} is up again`),
  };
}
