/** A client holds the virtual address itself. */

import type { Disorder } from '../finding.ts';

export const clientHoldsVip: Disorder = {
  code: 'client-holds-vip',
  title: 'This client holds the virtual address itself',
  breaks: 'What it sends there never leaves it: as a real server it is always served by itself.',
  onClient: ({ host, vips }) =>
    vips
      .filter((vip) => host.routes.get(vip)?.type === 'local')
      .map((vip) => ({
        problem: `${vip} is an address of this host`,
        evidence: [`ip route get ${vip}: local`],
        host: { role: 'client' } as const,
        vip,
        cure: {
          on: 'client' as const,
          commands: [],
          note: 'a real server cannot be a client of its own service; ask another virtual address, or from another host',
        },
      })),
};
