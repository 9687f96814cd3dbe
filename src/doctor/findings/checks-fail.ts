/** Health checks keep a real server out, and the doctor sees nothing wrong with it. */

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
      // Of what is not well, another finding tells.
      .filter(({ reach }) => seemsWell(reach) !== false)
      .map(caseOf),
};

/** Whether it does what the doctor can ask for; `undefined`: the doctor cannot tell. */
function seemsWell(reach: Reach): boolean | undefined {
  switch (reach.kind) {
    case 'asked': {
      const verdict = verdictOf(reach.target, reach.answers);
      return verdict === 'unclear' ? undefined : verdict === 'well';
    }
    case 'local':
      return reach.fate === 'unknown' ? undefined : reach.fate === 'open';
    default:
      return reach.kind === 'unknown' ? undefined : false;
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
      note: seemsWell(reach)
        ? 'it answers where it is asked; what the checks want beyond that is to be mended there, or in the checks'
        : 'the doctor asks less than they do and cannot tell what is wrong: go by what they were told',
    },
  };
}
