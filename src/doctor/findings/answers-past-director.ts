/** A real server for address translation answers past the director, which would have to put the virtual address back. */

import type { Disorder } from '../finding.ts';
import { asked, realServer, serviceText } from './common.ts';
import { ipOf } from './cures.ts';

/** So many packets without one answer. */
const fewest = 4;

export const answersPastDirector: Disorder = {
  code: 'answers-past-director',
  title: 'Answers of a translated real server do not come back to the director',
  breaks: 'Clients get them from an address they have never asked, and refuse them.',
  onDirector: (view) =>
    asked(view)
      .filter(({ destination, reach }) => {
        const { inPackets, outPackets } = destination.counters;
        return (
          destination.method === 'masq' &&
          reach.answers.own === 'open' &&
          inPackets >= fewest &&
          outPackets === 0
        );
      })
      .map((probe) => {
        const { target, source, interface: name } = probe.reach;
        return {
          problem: `real server ${target.rip} answers clients past this director`,
          evidence: [
            `${probe.destination.counters.inPackets} packets to it, none of its answers came by`,
            `asked from ${source} it answers`,
          ],
          host: realServer(probe),
          vip: target.vip,
          services: [serviceText(probe)],
          cure: {
            on: 'real server',
            host: target.rip,
            commands: [`${ipOf(target.rip)} route replace default via ${source}`],
            note: `the director must be its way to every client; those of its own network (${name}) it answers directly`,
          },
        };
      }),
};
