/** Clients go on sending packets that are too large for the way to the real server, though they are told. */

import { parseEndpoint } from '../../ipvs/address.ts';
import { serviceKeyText, type Tunnel } from '../../ipvs/service.ts';
import { isEntered } from '../entrances.ts';
import type { Case, Cure, Disorder } from '../finding.ts';
import { type Asked, asked } from './common.ts';
import { isIpv6 } from './cures.ts';

/** Every client is told once, and heeds it. */
const fewest = 20;
const perSecond = 2;
/** An average goes on for a while after the last one. */
const recentSeconds = 4;

export const tooBig: Disorder = {
  code: 'too-big',
  title: 'Clients send packets that are too large, and do not hear of it',
  breaks:
    'Small requests pass, large ones and uploads hang: with a tunnel around it a packet of full size does not fit, and the ICMP that says so is filtered on its way to the client.',
  onDirector: (view) => {
    const refused = view.state.notForwarded['too_big'];
    const virtual = refused?.example && parseEndpoint(refused.example.virtual);
    if (!virtual || refused.packets < fewest || refused.perSecond < perSecond) return [];
    if ((refused.example?.secondsAgo ?? 0) > recentSeconds) return [];
    const servers = asked(view).filter(({ reach }) => reach.target.vip === virtual.address);
    const [first] = servers;
    if (!first || !refused.example) return [];
    const services = view.state.services.filter((service) =>
      isEntered(service, view.state, virtual.address, virtual.port),
    );
    const mtus = servers.map(({ destination, reach }) => {
      const device = view.host.interfaces.find(({ name }) => name === reach.interface);
      return view.host.routes.get(destination.address)?.mtu ?? device?.mtu ?? 1500;
    });
    return [caseOf(refused.example, refused, servers, Math.min(...mtus), services.map(serviceKeyText))];
  },
};

function caseOf(
  example: { readonly client: string; readonly virtual: string },
  counts: { readonly packets: number; readonly perSecond: number },
  servers: readonly Asked[],
  mtu: number,
  services: readonly string[],
): Case {
  const client = parseEndpoint(example.client)?.address;
  const [first] = servers;
  const room = mtu - Math.max(...servers.map(({ reach }) => overhead(reach.target.tunnel, reach.target.rip)));
  const vip = first?.reach.target.vip;
  const [cure, ...also] = servers.map((server) => smallerSegments(server, room));
  return {
    problem: `clients go on sending packets to ${example.virtual} that do not fit on their way to the real server`,
    evidence: [
      `fairlead drops: too_big ${counts.packets} packets, ${counts.perSecond} a second, the last from ${example.client}`,
      `MTU towards real servers ${mtu}, ${room} for a client's packet; each was answered by ICMP`,
    ],
    host: { role: 'client', ...(client && { address: client }) },
    ...(vip && { vip }),
    services,
    cure: {
      ...(cure ?? { on: 'director', commands: [] }),
      also,
      note: 'TCP asks for smaller segments then. Better: let ICMP "fragmentation needed" (IPv6: "packet too big") through to clients, or raise the MTU towards the real servers by what the tunnel adds',
    },
  };
}

/** The real server asks its clients for segments that fit. */
function smallerSegments({ reach }: Asked, room: number): Cure {
  const { vip, rip } = reach.target;
  const [program, headers] = isIpv6(vip) ? ['ip6tables', 60] : ['iptables', 40];
  return {
    on: 'real server',
    host: rip,
    commands: [
      `${program} -t mangle -A OUTPUT -s ${vip} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss ${room - headers}`,
    ],
  };
}

/** What a tunnel puts around a packet, checksums included. */
function overhead(tunnel: Tunnel | undefined, rip: string): number {
  if (!tunnel) return 0;
  const between = { ipip: 0, gue: 12, gre: tunnel.checksum === 'csum' ? 8 : 4 }[tunnel.type];
  return (rip.includes(':') ? 40 : 20) + between;
}
