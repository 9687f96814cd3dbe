/** Large packets do not get through, and nobody says so: path MTU discovery does not work. */

import { endpointText } from '../../ipvs/address.ts';
import type { Disorder } from '../finding.ts';

/** Sent again so often, a segment is not lost by chance. */
const fewestRetransmissions = 2;

export const pathMtu: Disorder = {
  code: 'path-mtu',
  title: 'Large packets to clients are lost on their way',
  breaks:
    "Small pages come, large ones stop at their beginning: the ICMP that would tell the path's MTU is filtered.",
  onRealServer: ({ vips, sockets, host }) =>
    host.setting('net.ipv4.tcp_mtu_probing') !== '0'
      ? []
      : vips.flatMap((vip) => {
          const stuck = sockets.filter(
            ({ local, state, unacknowledged, retransmissions }) =>
              local.address === vip &&
              state !== 'SYN_RECV' &&
              state !== 'TIME_WAIT' &&
              unacknowledged > 0 &&
              retransmissions >= fewestRetransmissions,
          );
          const [first] = stuck;
          if (!first) return [];
          return [
            {
              problem: `what ${vip} sends to ${endpointText(first.peer.address, first.peer.port)} is not acknowledged, though it was connected`,
              evidence: [
                `${stuck.length} connections of ${vip} send the same again and again`,
                `${first.unacknowledged} octets outstanding, sent again ${first.retransmissions} times`,
                'sysctl net.ipv4.tcp_mtu_probing: 0',
              ],
              host: { role: 'real server' } as const,
              vip,
              cure: {
                on: 'real server' as const,
                commands: ['sysctl -w net.ipv4.tcp_mtu_probing=1'],
                note: 'better: let ICMP "fragmentation needed" (IPv6: "packet too big") through to it',
              },
            },
          ];
        }),
};
