/** A real server answers ARP, and no packet. */

import type { Disorder } from '../finding.ts';
import { asked, probeEvidence, realServer, serviceText, verdictIs } from './common.ts';
import { outOfRotation } from './ipvsadm.ts';
import { prefixCase } from './vip-prefix-too-short.ts';

export const realServerMute: Disorder = {
  code: 'real-server-mute',
  title: 'A real server answers ARP and nothing else',
  breaks: 'Clients that are given to it wait until they give up.',
  onDirector: (view) =>
    asked(view)
      .filter((probe) => verdictIs('mute')(probe) || (verdictIs('deaf')(probe) && !prefixCase(view, probe)))
      .map((probe) => ({
        problem: `real server ${probe.destination.address} answers neither for ${probe.reach.target.vip} nor for its own address`,
        evidence: probeEvidence(probe),
        host: realServer(probe),
        vip: probe.reach.target.vip,
        services: [serviceText(probe)],
        cure: outOfRotation(
          probe,
          `. Its firewall drops everything from ${probe.reach.source}, or it has no way back to it`,
        ),
      })),
};
