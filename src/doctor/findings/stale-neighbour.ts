/** A neighbour's ARP entry for the virtual address is of another time: what it sends goes to nobody. */

import type { Disorder } from '../finding.ts';
import { holders } from './common.ts';

export const staleNeighbour: Disorder = {
  code: 'stale-neighbour',
  title: 'A neighbour has an old MAC for the virtual address',
  breaks:
    'What it sends there goes to whoever held the address before. Routers keep such an entry for hours.',
  explainedBy: [
    'address-answered-by-real-server',
    'address-answered-by-other',
    'address-claimed-by-real-server',
    'vip-silent',
    'vip-duplicate',
  ],
  onDirector: (view) =>
    view.hearings
      .filter(
        ({ own, virtual, holdsIt, vip }) => own && !virtual && !holdsIt && holders(view, vip).length > 0,
      )
      .map(({ address, mac, vip, interface: name }) => ({
        problem: `what ${address} (${mac}) sends to ${vip} does not come to this director`,
        evidence: [
          `ping to ${address} by ${name} from this host's own address: answered`,
          `the same from ${vip}: the answer went elsewhere`,
        ],
        host: { role: 'client', address, mac } as const,
        vip,
        cure: { on: 'director', commands: [`fairlead announce ${vip}`] } as const,
      })),
};
