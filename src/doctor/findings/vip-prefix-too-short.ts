/** A real server holds the virtual address with its network's prefix length, on lo: it takes its clients for itself. */

import type { Address } from '../../ipvs/address.ts';
import { fullLength, prefixOf } from '../../ipvs/prefix.ts';
import type { Case, Disorder } from '../finding.ts';
import { verdictOf } from '../verdict.ts';
import type { DirectorView, RealServerView, ServerProbe } from '../view.ts';
import { inRotation, realServer, serviceText } from './common.ts';
import { addressOff, silentlyOnLo } from './cures.ts';

export const vipPrefixTooShort: Disorder = {
  code: 'vip-prefix-too-short',
  title: 'A real server holds the virtual address with too short a prefix',
  breaks:
    'On lo every address of that network is the real server itself: what comes from there is forged, and answers to it go nowhere.',
  onDirector: (view) => inRotation(view).flatMap((probe) => prefixCase(view, probe) ?? []),
  onRealServer: (view) => view.vips.flatMap((vip) => ownCases(view, vip)),
};

/** Only an address of the network that this host's own is in can have done that. */
export function prefixCase(view: DirectorView, probe: ServerProbe): Case | undefined {
  const { entrance, destination, reach } = probe;
  const signs = signsOf(probe);
  if (!signs || !entrance || (reach.kind !== 'asked' && reach.kind !== 'deaf')) return undefined;
  const vip = entrance.address;
  const own = view.host.interfaces
    .flatMap(({ addresses }) => addresses)
    .find(({ address }) => address === reach.source);
  if (!own || prefixOf(vip, own.prefix).address !== prefixOf(own.address, own.prefix).address)
    return undefined;
  const network = `${prefixOf(vip, own.prefix).address}/${own.prefix}`;
  return {
    problem: `real server ${destination.address} takes ${network} for its own: it holds ${vip} with a prefix shorter than /32`,
    evidence: signs,
    host: { ...realServer(probe), mac: reach.mac },
    vip,
    services: [serviceText(probe)],
    cure: {
      on: 'real server',
      host: destination.address,
      commands: [addressOff(vip), `ip addr add ${vip}/32 dev lo`],
      note: 'a firewall there that drops all of IPv4 looks the same from here: fairlead doctor there tells',
    },
  };
}

/** How it shows: with strict reverse path filtering ARP is refused as well, without it answers go to the host itself. */
function signsOf({ destination, reach }: ServerProbe): readonly string[] | undefined {
  if (reach.kind === 'deaf')
    return [
      `ARP for ${destination.address} by ${reach.interface}, asked by ${reach.source}: nobody answered`,
      `the same asked in nobody's name: ${reach.mac} answered`,
    ];
  if (reach.kind !== 'asked' || verdictOf(reach.target, reach.answers) !== 'deaf') return undefined;
  return [
    `${reach.mac} answers ARP for ${destination.address}, and pings in IPv6`,
    `whatever ${reach.source} asks it in IPv4, for ${reach.target.vip} or for ${destination.address}: no answer`,
  ];
}

/** On an Ethernet interface the prefix is the network's own; on lo, and on dummies, there is no network. */
function ownCases({ host }: RealServerView, vip: Address): readonly Case[] {
  return host.interfaces
    .filter(({ name, kind }) => name === 'lo' || kind === 'dummy')
    .flatMap(({ name, addresses }) =>
      addresses
        .filter(({ address, prefix }) => address === vip && prefix < fullLength(vip))
        .map(({ prefix }) => ({
          problem: `${vip}/${prefix} on ${name} makes all of ${prefixOf(vip, prefix).address}/${prefix} this host's own`,
          evidence: [`ip addr show dev ${name}: ${vip}/${prefix}`],
          host: { role: 'real server', interface: name } as const,
          vip,
          cure: { on: 'real server', commands: [addressOff(vip), ...silentlyOnLo(vip)] } as const,
        })),
    );
}
