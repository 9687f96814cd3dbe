/** The director holds a virtual address where it does not answer for it. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import type { DirectorView } from '../view.ts';
import { holders, servicesAt, virtualAddresses } from './common.ts';
import { addressOff, alone, ipOf } from './cures.ts';
import { effective } from './settings.ts';

export const vipSilent: Disorder = {
  code: 'vip-silent',
  title: 'The director does not answer for its virtual address',
  breaks: 'Clients ask for it by ARP or neighbour discovery, and nobody answers.',
  onDirector: (view) => virtualAddresses(view).flatMap((vip) => caseOf(view, vip) ?? []),
};

function caseOf(view: DirectorView, vip: Address): Case | undefined {
  const asked = view.answerers.filter((answerer) => answerer.vip === vip);
  const [segment] = asked;
  const held = holders(view, vip);
  // Where another host answers, this one stands by, or is a real server of that one.
  if (!segment || held.length === 0 || asked.some(({ macs }) => macs.length > 0)) return undefined;
  const why = reasonOf(view, vip, segment.interface, held);
  if (why === undefined) return undefined;
  const extra = familyOf(vip) === 6 ? ' nodad preferred_lft 0' : '';
  return {
    problem: `this director does not answer for ${vip} on ${segment.interface}: ${why.problem}`,
    evidence: [`${vip} is on ${held.join(', ')}`, ...why.evidence],
    host: { role: 'director', interface: held[0] ?? segment.interface },
    vip,
    services: servicesAt(view, vip),
    cure: {
      on: 'director',
      commands: why.commands ?? [
        addressOff(vip),
        `${ipOf(vip)} addr add ${alone(vip)} dev ${segment.interface}${extra}`,
      ],
    },
  };
}

type Why = {
  readonly problem: string;
  readonly evidence: readonly string[];
  readonly commands?: readonly string[];
};

function reasonOf(
  view: DirectorView,
  vip: Address,
  segment: string,
  held: readonly string[],
): Why | undefined {
  const device = view.host.interfaces.find(({ name }) => name === segment);
  if (held.includes(segment)) return undefined;
  const down = view.host.interfaces.find(({ name, isUp, mac }) => held.includes(name) && !isUp && mac);
  if (down)
    return {
      problem: `${down.name}, which holds it, is down`,
      evidence: [`ip link show dev ${down.name}: down`],
      commands: [`ip link set dev ${down.name} up`],
    };
  if (familyOf(vip) === 6)
    return {
      problem: 'neighbour discovery is answered by the interface that holds an address only',
      evidence: [`its network is on ${segment}`],
    };
  const ignore = effective(view.host.setting, 'ipv4', 'arp_ignore', device?.name ?? segment);
  if (ignore < 1) return undefined;
  return {
    problem: `arp_ignore is ${ignore}, and it is not on that interface`,
    evidence: [
      `the larger of net.ipv4.conf.all.arp_ignore and net.ipv4.conf.${segment}.arp_ignore: ${ignore}`,
    ],
  };
}
