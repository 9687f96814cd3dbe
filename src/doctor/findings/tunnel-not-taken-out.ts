/** A real server does not take packets out of the director's tunnel. */

import type { Case, Disorder } from '../finding.ts';
import type { DirectorView } from '../view.ts';
import {
  type Asked,
  asked,
  probeEvidence,
  realServer,
  serviceText,
  verdictIs,
  virtualAddresses,
} from './common.ts';

export const tunnelNotTakenOut: Disorder = {
  code: 'tunnel-not-taken-out',
  title: "A real server does not take packets out of the director's tunnel",
  breaks: 'It drops or refuses every packet the director gives it.',
  onDirector: (view) => [
    ...asked(view).filter(verdictIs('no-tunnel')).map(caseOf(view, 'refuses')),
    ...asked(view).filter(verdictIs('tunnel-silent')).map(caseOf(view, 'drops')),
  ],
};

function caseOf(view: DirectorView, what: 'refuses' | 'drops'): (probe: Asked) => Case {
  return (probe) => {
    const { target } = probe.reach;
    const type = target.tunnel?.type ?? 'ipip';
    const port = type === 'gue' ? ` --gue-port ${target.tunnel?.port}` : '';
    return {
      problem: `real server ${target.rip} ${what} what comes by ${type}`,
      evidence: probeEvidence(probe),
      host: realServer(probe),
      vip: target.vip,
      services: [serviceText(probe)],
      cure: {
        on: 'real server',
        host: target.rip,
        commands: [`fairlead realserver decapsulate start${port} ${virtualAddresses(view).join(' ')}`],
        note: 'or a tunnel device of the kernel, with rp_filter=0 on it',
      },
    };
  };
}
