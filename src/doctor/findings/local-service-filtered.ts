/** The director is its own real server, and its firewall drops what is for the service. */

import { endpointText } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import { type Local, localTo, serviceText } from './common.ts';
import { letThrough } from './cures.ts';

export const localServiceFiltered: Disorder = {
  code: 'local-service-filtered',
  title: "The director's own firewall drops what it serves itself",
  breaks: 'What goes to other real servers passes no firewall here; what the director serves itself does.',
  explainedBy: ['syn-flood'],
  onDirector: (view) => localTo(view, 'silent').map(caseOf),
};

function caseOf(probe: Local): Case {
  const { address, port, protocol } = probe.entrance;
  return {
    problem: `what is for ${protocol} ${endpointText(address, port)} is dropped on this director itself`,
    evidence: [`connect to ${endpointText(address, port)} from here: no answer`],
    host: { role: 'director' },
    vip: address,
    services: [serviceText(probe)],
    cure: { on: 'director', commands: [letThrough(address, protocol, port)] },
  };
}
