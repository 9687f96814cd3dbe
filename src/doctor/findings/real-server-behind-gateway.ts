/** Direct routing to a real server that is on another segment: a router gets the packet, and sends it back. */

import type { Case, Disorder } from '../finding.ts';
import type { DirectorView } from '../view.ts';
import { type Asked, asked, realServer, serviceText, virtualAddresses } from './common.ts';
import { destinationWords } from './ipvsadm.ts';

export const realServerBehindGateway: Disorder = {
  code: 'real-server-behind-gateway',
  title: 'A real server for direct routing is on another segment',
  breaks:
    'Direct routing changes the MAC and nothing else: the router takes the packet for one to the virtual address, and returns it to the director.',
  onDirector: (view) =>
    asked(view)
      .filter(({ destination, reach }) => destination.method === 'gate' && reach.gateway !== undefined)
      .map((probe) => caseOf(view, probe)),
};

function caseOf(view: DirectorView, probe: Asked): Case {
  const { destination, reach, service } = probe;
  const { target, gateway, mac, interface: name, answers } = reach;
  const tunnelled = {
    ...destination,
    method: 'ipip',
    tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' },
  } as const;
  return {
    problem: `real server ${target.rip} is reached through the router ${gateway}, which direct routing cannot do`,
    evidence: [
      `route to ${target.rip}: via ${gateway} (${mac}) by ${name}`,
      ...(answers.virtual === 'bounced'
        ? [`what was sent there for ${target.vip} came back, TTL ${answers.bouncedTtl}`]
        : []),
    ],
    host: realServer(probe),
    vip: target.vip,
    services: [serviceText(probe)],
    cure: {
      on: 'real server',
      host: target.rip,
      commands: [`fairlead realserver decapsulate start ${virtualAddresses(view).join(' ')}`],
      also: [{ on: 'director', commands: [`ipvsadm -e ${destinationWords(service, tunnelled)}`] }],
      note: 'tunnels pass routers; or move it to a segment of the director',
    },
  };
}
