/** A real server is a director, too, and sends on what this one has given it. */

import { endpointText } from '../../ipvs/address.ts';
import type { Disorder } from '../finding.ts';
import type { Opening } from '../probes/openings.ts';
import type { DirectorView } from '../view.ts';
import { type Asked, asked, probeEvidence, realServer, serviceText } from './common.ts';
import { destinationWords } from './ipvsadm.ts';

export const directorsInALoop: Disorder = {
  code: 'directors-in-a-loop',
  title: 'Two directors give each other their packets',
  breaks:
    'A packet goes round until its TTL is used up; each round costs both of them, and the client waits.',
  onDirector: (view) =>
    asked(view)
      .map((probe) => ({ probe, again: cameAgain(view, probe) }))
      .filter(({ probe, again }) => (probe.reach.sendsOn && probe.reach.answers.virtualPing) || again)
      .map(({ probe, again }) => {
        const { target, mac, interface: name } = probe.reach;
        const us = { ...probe.destination, address: probe.reach.source, weight: 0 };
        const expired = view.state.notForwarded['ttl_expired'];
        return {
          problem: `real server ${target.rip} schedules what is for ${target.vip} itself, and sends it back to this director`,
          evidence: [
            again
              ? `the SYN ${endpointText(again.client, again.clientPort)} > ${endpointText(again.vip, again.port)} came from its client, and again from ${mac}`
              : `SYNs to ${target.vip} that were sent to ${mac} came back from it by ${name}`,
            ...(expired && expired.packets > 0
              ? [`fairlead drops: ttl_expired ${expired.packets} packets`]
              : []),
            ...probeEvidence(probe),
          ],
          host: realServer(probe),
          vip: target.vip,
          services: [serviceText(probe)],
          cure: {
            on: 'real server',
            host: target.rip,
            commands: [`ipvsadm -e ${destinationWords(probe.service, us)}`],
            note: 'while it stands by, it must not give us anything; the weight comes back where it takes over',
          },
        };
      }),
};

/** A connection that was opened twice while the doctor looked: by its client, and by what the real server sent on. */
function cameAgain({ openings }: DirectorView, { reach }: Asked): Opening | undefined {
  const { target, mac, gateway } = reach;
  if (gateway !== undefined || target.tunnel) return undefined;
  return openings.find(
    (one) =>
      one.mac === mac &&
      one.vip === target.vip &&
      openings.some(
        (other) =>
          other.mac !== mac &&
          other.client === one.client &&
          other.clientPort === one.clientPort &&
          other.vip === one.vip,
      ),
  );
}
