/** ARP isolation by Fairlead's own programs on TC, where neither switches nor a packet filter are to be had. Pure. */

import type { Ipv4 } from '../../../ipvs/address.ts';
import { isolateWords } from '../../isolate/command.ts';
import type { Part } from '../part.ts';
import type { Sender } from '../senders.ts';
import { quoted } from '../step.ts';

/** `fairlead`: how the machine calls it. */
export function isolateByTc(vips: readonly Ipv4[], senders: readonly Sender[], fairlead: string): Part {
  const isolate = `${quoted(fairlead)} realserver isolate`;
  const words = isolateWords(
    vips,
    senders.map(({ address }) => address),
  );
  return {
    steps: [
      {
        key: 'tc programs fl_isolate',
        holds: `[ "$(${isolate} status --command)" = '${words}' ]`,
        does: `${isolate} ${words}`,
        undo: `echo "${isolate} $(${isolate} status --command)"`,
        ours: `${isolate} status`,
      },
    ],
    start: [`${isolate} ${words}`],
    needsNetwork: true,
    needs: ['programs'],
    programs: [fairlead],
  };
}
