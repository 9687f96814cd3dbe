/** Health checks keep a real server out, and what the doctor asks it is answered. */

import type { Case, Disorder } from '../finding.ts';
import { checksLine, isKeptOut, type KeptOutProbe } from '../kept-out.ts';
import { verdictOf } from '../verdict.ts';
import type { Reach } from '../view.ts';
import { probeEvidence, realServer, serviceText } from './common.ts';

export const checksFail: Disorder = {
  code: 'checks-fail',
  title: 'A real server does not pass its health checks',
  breaks: 'It gets no connections.',
  onDirector: ({ probes }) =>
    probes
      .filter(isKeptOut)
      .filter(({ reach }) => seemsWell(reach))
      .map(caseOf),
};

/** Of what is not well, another finding tells. */
function seemsWell(reach: Reach): boolean {
  switch (reach.kind) {
    case 'asked':
      return ['well', 'unclear'].includes(verdictOf(reach.target, reach.answers));
    case 'local':
      return reach.fate === 'open' || reach.fate === 'unknown';
    default:
      return reach.kind === 'unknown';
  }
}

function caseOf(probe: KeptOutProbe): Case {
  const { destination, entrance, keptOut, reach } = probe;
  return {
    problem: `health checks keep real server ${destination.address} out: ${keptOut}`,
    evidence: [checksLine(probe), ...(reach.kind === 'asked' ? probeEvidence({ ...probe, reach }) : [])],
    host: realServer(probe),
    ...(entrance && { vip: entrance.address }),
    services: [serviceText(probe)],
    cure: {
      on: 'director',
      commands: [`fairlead health ${serviceText(probe)}`],
      note: 'it answers where it is asked; what the checks want beyond that is to be mended there, or in the checks',
    },
  };
}
