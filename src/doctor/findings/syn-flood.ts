/** A flood of SYNs that nobody follows up. */

import type { Case, Cure, Disorder } from '../finding.ts';
import type { DirectorView } from '../view.ts';
import { asked, grouped, serviceText } from './common.ts';

const fewestHalfOpen = 100;
/** So many times as many as are established. */
const share = 3;
/** It goes on: so many of them are no older than three of the sixty seconds that they live. */
const fewestFresh = 10;
const freshSeconds = 57;

export const synFlood: Disorder = {
  code: 'syn-flood',
  title: 'A flood of half-open connections',
  breaks:
    "Each counts as an active connection for a minute, so that schedulers by load go astray; real servers without SYN cookies run out of room and drop everybody's.",
  onDirector: (view) => {
    const { connections, sysctls } = view.state;
    const tcp = connections.filter(({ protocol, template }) => protocol === 'tcp' && !template);
    const halfOpen = tcp.filter(({ state }) => state === 'SYN_RECV');
    const established = tcp.filter(({ state }) => state === 'ESTABLISHED').length;
    const isDefended = (sysctls.drop_entry ?? 0) > 0;
    const fresh = halfOpen.filter(({ expiresInSeconds }) => expiresInSeconds >= freshSeconds).length;
    if (isDefended || fresh < fewestFresh) return [];
    if (halfOpen.length < fewestHalfOpen || halfOpen.length < share * established) return [];
    return [caseOf(view, halfOpen.length, established)];
  },
};

function caseOf(view: DirectorView, halfOpen: number, established: number): Case {
  const byMac = grouped(view.openings, ({ mac }) => mac);
  const [loudest] = [...byMac].toSorted(([, a], [, b]) => b.length - a.length);
  const sources = new Set(loudest?.[1].map(({ client }) => client));
  const [first] = view.openings;
  return {
    problem: `${halfOpen} half-open connections, and ${established} established ones`,
    evidence: [
      `ipvsadm -Lcn: ${halfOpen} in SYN_RECV`,
      ...(loudest
        ? [
            `while the doctor looked, ${loudest[1].length} of ${view.openings.length} SYNs came from ${loudest[0]}, as ${sources.size} clients`,
          ]
        : []),
    ],
    host: loudest ? { role: 'client', mac: loudest[0] } : { role: 'client' },
    ...(first && { vip: first.vip }),
    services: [
      ...new Set(
        asked(view)
          .filter(({ reach }) => reach.target.protocol === 'tcp')
          .map(serviceText),
      ),
    ],
    cure: {
      on: 'director',
      commands: ['fairlead sysctl -w drop_entry=3 secure_tcp=3'],
      note: 'back to 0 when it is over; the MAC is that of the router, where clients are beyond one',
      also: realServers(view),
    },
  };
}

function realServers(view: DirectorView): readonly Cure[] {
  const servers = view.probes
    .filter(({ reach }) => reach.kind === 'asked')
    .map(({ destination }) => destination.address);
  return [...new Set(servers)].map((host) => ({
    on: 'real server',
    host,
    commands: ['sysctl -w net.ipv4.tcp_syncookies=1'],
  }));
}
