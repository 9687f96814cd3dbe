/** Nobody holds the virtual address of a service: not this director, and nobody who would answer for it. */

import type { Disorder } from '../finding.ts';
import { holders, servicesAt, virtualAddresses } from './common.ts';

export const vipNotHere: Disorder = {
  code: 'vip-not-here',
  title: 'Nobody holds the virtual address',
  breaks: 'Clients ask for it by ARP or neighbour discovery, and nobody answers.',
  onDirector: (view) =>
    virtualAddresses(view)
      .filter((vip) => holders(view, vip).length === 0)
      .flatMap((vip) => {
        const asked = view.answerers.filter((answerer) => answerer.vip === vip);
        if (asked.some(({ macs }) => macs.length > 0)) return [];
        const [where] = asked;
        const device = where?.interface ?? 'DEVICE';
        return {
          problem: `${vip} is on no interface of this director`,
          evidence: [
            `addresses of this host: ${view.host.interfaces
              .flatMap(({ addresses }) => addresses.filter(({ scope }) => scope === 'global'))
              .map(({ address, prefix }) => `${address}/${prefix}`)
              .join(' ')}`,
            ...(where ? [`asked for ${vip} by ${where.interface}: nobody answered`] : []),
          ],
          host: { role: 'director' },
          vip,
          services: servicesAt(view, vip),
          cure: {
            on: 'director',
            commands: [
              vip.includes(':')
                ? `ip -6 addr add ${vip}/128 dev ${device} nodad preferred_lft 0`
                : `ip addr add ${vip}/32 dev ${device}`,
            ],
          },
        } as const;
      }),
};
