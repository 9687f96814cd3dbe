/** Nobody holds the virtual address of a service: not this director, and nobody who would answer for it. */

import type { Address } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import type { ClientView, DirectorView } from '../view.ts';
import { holders, servicesAt, virtualAddresses } from './common.ts';
import { alone, ipOf, isIpv6 } from './cures.ts';

export const vipNotHere: Disorder = {
  code: 'vip-not-here',
  title: 'Nobody holds the virtual address',
  breaks: 'Clients ask for it by ARP or neighbour discovery, and nobody answers.',
  onDirector: (view) =>
    virtualAddresses(view)
      .filter((vip) => holders(view, vip).length === 0)
      .flatMap((vip) => caseOf(view, vip) ?? []),
  onClient: (view) =>
    view.vips
      .filter((vip) => view.isNamed && view.holders.get(vip)?.length === 0)
      .map((vip) => clientCase(view, vip)),
};

function caseOf(view: DirectorView, vip: Address): Case | undefined {
  const asked = view.answerers.filter((answerer) => answerer.vip === vip);
  if (asked.some(({ macs }) => macs.length > 0)) return undefined;
  const [where] = asked;
  const own = view.host.interfaces
    .flatMap(({ addresses }) => addresses.filter(({ scope }) => scope === 'global'))
    .map(({ address, prefix }) => `${address}/${prefix}`);
  const extra = isIpv6(vip) ? ' nodad preferred_lft 0' : '';
  return {
    problem: `${vip} is on no interface of this director`,
    evidence: [
      `addresses of this host: ${own.join(' ')}`,
      ...(where ? [`asked for ${vip} by ${where.interface}: nobody answered`] : []),
    ],
    host: { role: 'director' },
    vip,
    services: servicesAt(view, vip),
    cure: where
      ? {
          on: 'director',
          commands: [`${ipOf(vip)} addr add ${alone(vip)} dev ${where.interface}${extra}`],
        }
      : { on: 'director', commands: [], note: `it belongs, as ${alone(vip)}, where clients come in` },
  };
}

function clientCase({ host }: ClientView, vip: Address): Case {
  const name = host.routes.get(vip)?.interface;
  return {
    problem: `nobody answers for ${vip} on the segment of this client`,
    evidence: [`asked for ${vip} by ${name}: nobody answered`],
    host: { role: 'client', ...(name !== undefined && { interface: name }) },
    vip,
    cure: {
      on: 'director',
      commands: [],
      note: 'fairlead doctor on the director says whether it holds the address, and where',
    },
  };
}
