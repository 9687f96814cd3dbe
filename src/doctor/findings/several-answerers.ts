/** A client gets several answers to one ARP question. */

import type { Disorder } from '../finding.ts';

export const severalAnswerers: Disorder = {
  code: 'several-answerers',
  title: 'Several hosts answer for one address',
  breaks: 'Whoever answers first gets what this client sends, until it asks again.',
  onClient: ({ host, holders }) =>
    [...holders].flatMap(([vip, macs]) => {
      if (macs.length < 2) return [];
      const entry = host.neighbours.find(({ address }) => address === vip);
      const owner = (mac: string): string => {
        const known = host.neighbours.find((one) => one.mac === mac && one.address !== vip);
        return known ? `${mac} (${known.address})` : mac;
      };
      return [
        {
          problem: `${macs.length} hosts answer for ${vip}: ${macs.map(owner).join(', ')}`,
          evidence: [
            `one question for ${vip}, answers from ${macs.join(', ')}`,
            ...(entry?.mac ? [`this client's entry: ${entry.mac}`] : []),
          ],
          host: { role: 'other host', mac: macs[0] ?? '' } as const,
          vip,
          cure: {
            on: 'director' as const,
            commands: [],
            note: 'fairlead doctor on the director says which of them is a real server, and what mends it',
          },
        },
      ];
    }),
};
