/** The ARP problem: a real server answers for the virtual address, and wins it. */

import type { Address } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import type { Answerers, DirectorView } from '../view.ts';
import { realServerOfMac } from './who.ts';

export const addressAnsweredByRealServer: Disorder = {
  code: 'address-answered-by-real-server',
  title: 'A real server answers ARP for the virtual address',
  breaks:
    'Whoever answers a client first gets all its traffic: it passes the director by, and is gone when that real server is.',
  onDirector: (view) =>
    view.answerers.flatMap((answer) =>
      answer.macs.flatMap((mac) => {
        const rip = realServerOfMac(view, mac);
        return rip === undefined ? [] : [caseOf(view, answer, mac, rip)];
      }),
    ),
};

function caseOf(view: DirectorView, { vip, interface: name }: Answerers, mac: string, rip: Address): Case {
  const isIpv6 = vip.includes(':');
  return {
    problem: `real server ${rip} (${mac}) answers ${isIpv6 ? 'neighbour discovery' : 'ARP'} for ${vip}`,
    evidence: [`asked for ${vip} by ${name}: ${mac} answered, which is ${rip}'s`, ...counters(view, vip)],
    host: { role: 'real server', address: rip, mac },
    vip,
    cure: {
      on: 'real server',
      host: rip,
      commands: isIpv6
        ? [`ip -6 addr add ${vip}/128 dev lo preferred_lft 0`, `ip -6 addr del ${vip} dev DEVICE`]
        : [
            `arptables -A INPUT -d ${vip} -j DROP`,
            `arptables -A OUTPUT -s ${vip} -j mangle --mangle-ip-s ${rip}`,
          ],
      note: isIpv6
        ? 'DEVICE: whatever interface holds it there; on lo nobody answers for it'
        : `or, without arptables: ${vip}/32 on lo there, with arp_ignore=1 and arp_announce=2`,
    },
  };
}

/** A real server that has won the address leaves the director nothing to count. */
function counters({ state }: DirectorView, vip: Address): readonly string[] {
  return state.services
    .filter((service) => service.kind === 'address' && service.address === vip)
    .map(
      ({ counters, rates }) =>
        `the director has counted ${counters.connections} connections, ${counters.inPackets} packets; now ${rates.inPacketsPerSecond} a second`,
    );
}
