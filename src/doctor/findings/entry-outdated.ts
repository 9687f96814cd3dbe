/** A client's own ARP entry for the virtual address is of a host that does not answer for it. */

import type { Disorder } from '../finding.ts';
import { ipOf } from './cures.ts';

export const entryOutdated: Disorder = {
  code: 'entry-outdated',
  title: "This client's ARP entry is not what is answered now",
  breaks: 'What it sends to the address goes to a host that does not have it any more.',
  explainedBy: ['several-answerers'],
  onClient: ({ host, holders }) =>
    host.neighbours.flatMap(({ address, mac, interface: name, state }) => {
      const macs = holders.get(address) ?? [];
      if (mac === undefined || macs.length === 0 || macs.includes(mac)) return [];
      return [
        {
          problem: `this client sends what is for ${address} to ${mac}, and ${macs.join(', ')} answers for it`,
          evidence: [
            `ip neigh show ${address}: ${mac} ${state}`,
            `asked for ${address} by ${name}: ${macs.join(', ')}`,
          ],
          host: { role: 'client', interface: name } as const,
          vip: address,
          cure: { on: 'client', commands: [`${ipOf(address)} neigh del ${address} dev ${name}`] } as const,
        },
      ];
    }),
};
