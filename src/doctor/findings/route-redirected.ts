/** A client was told by ICMP of another way, past the director. */

import type { Disorder } from '../finding.ts';
import { ipOf } from './cures.ts';

export const routeRedirected: Disorder = {
  code: 'route-redirected',
  title: 'This client was redirected',
  breaks: 'What it sends to the virtual address goes past the director.',
  onClient: ({ host, vips }) =>
    vips.flatMap((vip) => {
      const route = host.routes.get(vip);
      if (!route?.isRedirected) return [];
      return [
        {
          problem: `this client reaches ${vip} by ${route.gateway ?? 'another way'}, as it was told by an ICMP redirect`,
          evidence: [`ip route get ${vip}: via ${route.gateway}, redirected`],
          host: { role: 'client' } as const,
          vip,
          cure: {
            on: 'client' as const,
            commands: [`${ipOf(vip)} route flush cache`],
            note: 'on the router that sent it: sysctl -w net.ipv4.conf.all.send_redirects=0, and of its interface',
          },
        },
      ];
    }),
};
