/** The ARP problem: a real server answers for the virtual address, and wins it. */

import type { Address } from '../../ipvs/address.ts';
import type { LocalInterface } from '../../linux/iproute.ts';
import { isEntered } from '../entrances.ts';
import type { Case, Disorder } from '../finding.ts';
import type { Answerers, DirectorView, RealServerView } from '../view.ts';
import { holders } from './common.ts';
import { addressOff, isIpv6, silence, silentlyOnLo } from './cures.ts';
import { effective } from './settings.ts';
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
  onRealServer: (view) => view.vips.flatMap((vip) => ownCase(view, vip) ?? []),
};

function caseOf(view: DirectorView, { vip, interface: name }: Answerers, mac: string, rip: Address): Case {
  return {
    problem: `real server ${rip} (${mac}) answers ${isIpv6(vip) ? 'neighbour discovery' : 'ARP'} for ${vip}`,
    evidence: [`asked for ${vip} by ${name}: ${mac} answered, which is ${rip}'s`, ...counters(view, vip)],
    host: { role: 'real server', address: rip, mac },
    vip,
    cure: silence(vip, rip),
  };
}

/** A real server that has won the address leaves the director nothing to count. */
function counters({ state }: DirectorView, vip: Address): readonly string[] {
  return state.services
    .filter((service) => isEntered(service, state, vip))
    .map(
      ({ counters, rates }) =>
        `the director has counted ${counters.connections} connections, ${counters.inPackets} packets; now ${rates.inPacketsPerSecond} a second`,
    );
}

/** What it would do, by where the address is and by its settings. */
function ownCase({ host, isolated }: RealServerView, vip: Address): Case | undefined {
  const held = holders({ host }, vip);
  if (isolated.has(vip) || held.length === 0) return undefined;
  const open = host.interfaces.filter((device) => answersAt(device, held, vip, host.setting));
  const [first] = open;
  if (!first) return undefined;
  const what = isIpv6(vip) ? 'neighbour discovery' : 'ARP';
  return {
    problem: `this real server answers ${what} for ${vip}`,
    evidence: [
      `${vip} is on ${held.join(', ')}`,
      ...(isIpv6(vip)
        ? []
        : open.map(
            ({ name }) => `arp_ignore on ${name}: ${effective(host.setting, 'ipv4', 'arp_ignore', name)}`,
          )),
    ],
    host: { role: 'real server', interface: first.name },
    vip,
    cure: { on: 'real server', commands: [addressOff(vip), ...silentlyOnLo(vip)] },
  };
}

/** IPv6 is answered for by the interface that has it; IPv4 with arp_ignore 0 by all, up to 2 by that one. */
function answersAt(
  { name, mac, isUp }: LocalInterface,
  held: readonly string[],
  vip: Address,
  setting: RealServerView['host']['setting'],
): boolean {
  if (mac === undefined || !isUp) return false;
  if (isIpv6(vip)) return held.includes(name);
  const ignore = effective(setting, 'ipv4', 'arp_ignore', name);
  return ignore === 0 || (ignore < 3 && held.includes(name));
}
