/** A real server is a director, too, and sends on what this one has given it. */

import type { Disorder } from '../finding.ts';
import { asked, probeEvidence, realServer, serviceText } from './common.ts';

export const directorsInALoop: Disorder = {
  code: 'directors-in-a-loop',
  title: 'Two directors give each other their packets',
  breaks:
    'A packet goes round until its TTL is used up; each round costs both of them, and the client waits.',
  onDirector: (view) =>
    asked(view)
      .filter(({ reach }) => reach.sendsOn && reach.answers.virtualPing)
      .map((probe) => {
        const { target, interface: name } = probe.reach;
        const expired = view.state.notForwarded['ttl_expired'];
        return {
          problem: `real server ${target.rip} schedules what is for ${target.vip} itself, and sends it back to this director`,
          evidence: [
            `SYNs to ${target.vip} that were sent to ${probe.reach.mac} came back from it by ${name}`,
            ...(expired ? [`fairlead drops: ttl_expired ${expired.packets} packets`] : []),
            ...probeEvidence(probe),
          ],
          host: realServer(probe),
          vip: target.vip,
          services: [serviceText(probe)],
          cure: {
            on: 'real server',
            host: target.rip,
            commands: [
              `ipvsadm --start-daemon backup --mcast-interface ${name}`,
              'fairlead sysctl -w backup_only=1',
            ],
            note: 'while it stands by it directs nothing; ipvsadm --stop-daemon backup where it takes over',
          },
        };
      }),
};
