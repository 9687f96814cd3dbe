/** This host has no route to a real server. */

import type { Disorder } from '../finding.ts';
import { inRotation, realServer, serviceText } from './common.ts';
import { outOfRotation } from './ipvsadm.ts';

export const realServerUnreachable: Disorder = {
  code: 'real-server-unreachable',
  title: 'There is no route to a real server',
  breaks: 'What the director gives it is dropped.',
  onDirector: (view) =>
    inRotation(view)
      .filter(({ reach }) => reach.kind === 'no-route')
      .map((probe) => ({
        problem: `no route to real server ${probe.destination.address}`,
        evidence: [`ip route get ${probe.destination.address}: unreachable`],
        host: realServer(probe),
        services: [serviceText(probe)],
        cure: outOfRotation(probe, ' until there is a route'),
      })),
};
