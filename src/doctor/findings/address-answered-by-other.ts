/** Two hosts hold the virtual address, and the other one is no real server: a conflict, or two active directors. */

import type { Disorder } from '../finding.ts';
import { holders } from './common.ts';
import { addressOff, announcement } from './cures.ts';
import { neighbourOfMac, realServerOfMac } from './who.ts';

export const addressAnsweredByOther: Disorder = {
  code: 'address-answered-by-other',
  title: 'Another host answers for the virtual address as well',
  breaks: 'Clients go to whoever answers first: an address conflict, or two directors that are both active.',
  onDirector: (view) =>
    view.answerers
      .filter(({ vip }) => holders(view, vip).length > 0)
      .flatMap(({ vip, interface: name, macs }) =>
        macs
          .filter((mac) => realServerOfMac(view, mac) === undefined)
          .map((mac) => {
            const address = neighbourOfMac(view, mac);
            const who = address === undefined ? mac : `${address} (${mac})`;
            return {
              problem: `${who} answers for ${vip} as well, and is no real server`,
              evidence: [
                `asked for ${vip} by ${name}: ${mac} answered`,
                `${vip} is on ${holders(view, vip).join(', ')} here`,
              ],
              host: { role: 'other host', mac, ...(address && { address }) },
              vip,
              cure: {
                on: 'other host',
                ...(address && { host: address }),
                commands: [addressOff(vip)],
                also: [announcement(vip)],
                note: 'one of the two must give it up',
              },
            } as const;
          }),
      ),
};
