/** Clients use their ports again, and so meet their old connections and real servers. */

import { endpointText } from '../../ipvs/address.ts';
import { isEntered } from '../entrances.ts';
import type { Disorder } from '../finding.ts';
import type { Opening } from '../probes/openings.ts';
import type { DirectorView } from '../view.ts';

/** So many SYNs within the time of an examination, and at least half of all. */
const fewest = 3;
/** More tell nothing more. */
const most = 1000;
/** In direct routing: reschedule also in FIN_WAIT (ip_vs_core.c, is_new_conn_expected). */
const evenInFinWait = 2;

export const portReuse: Disorder = {
  code: 'port-reuse',
  title: 'Clients that use their ports again keep their real server',
  breaks:
    "In direct routing the director sees no server's FIN: a connection that is over looks alive for two minutes, and takes a new one from the same port along. Real servers that were added get nothing.",
  onDirector: (view) => {
    if (((view.state.sysctls.conn_reuse_mode ?? 0) & evenInFinWait) !== 0) return [];
    const servers = new Map(
      view.state.connections
        .filter(
          ({ protocol, state, method }) => protocol === 'tcp' && method !== 'masq' && state !== 'SYN_RECV',
        )
        .map(({ client, virtual, destination }) => [
          `${endpointText(client.address, client.port)} ${endpointText(virtual.address, virtual.port)}`,
          destination.address,
        ]),
    );
    const balanced = once(view.openings.filter((opening) => hasChoice(view, opening)));
    const again = balanced.filter(
      (opening, at) =>
        servers.has(keyOf(opening)) || balanced.slice(0, at).some((one) => keyOf(one) === keyOf(opening)),
    );
    const [first] = again;
    if (!first || again.length < fewest || again.length * 2 < balanced.length) return [];
    const clients = [...new Set(again.map(({ client, clientPort }) => endpointText(client, clientPort)))];
    return [
      {
        problem: `clients open connections from ports whose last connection the director still has: ${clients.slice(0, 4).join(', ')}`,
        evidence: [
          `${again.length} of ${balanced.length} SYNs while the doctor looked`,
          ...(servers.has(keyOf(first))
            ? [`${endpointText(first.client, first.clientPort)} stays with ${servers.get(keyOf(first))}`]
            : []),
          `fairlead sysctl conn_reuse_mode: ${view.state.sysctls.conn_reuse_mode ?? 1}`,
        ],
        host: { role: 'director' },
        vip: first.vip,
        cure: { on: 'director', commands: ['fairlead sysctl -w conn_reuse_mode=3'] },
      },
    ];
  },
};

/** Without those that were only sent again. */
function once(openings: readonly Opening[]): readonly Opening[] {
  const bySyn = new Map(openings.map((opening) => [`${keyOf(opening)} ${opening.sequence}`, opening]));
  return [...bySyn.values()].slice(0, most);
}

function keyOf({ client, clientPort, vip, port }: Opening): string {
  return `${endpointText(client, clientPort)} ${endpointText(vip, port)}`;
}

/** Whether another real server could have had it. */
function hasChoice({ state }: DirectorView, { vip, port }: Opening): boolean {
  return state.services.some(
    (service) =>
      isEntered(service, state, vip, port) &&
      service.persistent === 0 &&
      service.destinations.filter(({ weight }) => weight > 0).length > 1,
  );
}
