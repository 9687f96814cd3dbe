/** What findings share: reading a view, and wording it. */

import type { Address } from '../../ipvs/address.ts';
import { endpointText } from '../../ipvs/address.ts';
import { serviceKeyText } from '../../ipvs/service.ts';
import type { Culprit } from '../finding.ts';
import type { Fate } from '../probes/server.ts';
import type { DirectorView, Reach, ServerProbe } from '../view.ts';

export type Asked = ServerProbe & { readonly reach: Reach & { readonly kind: 'asked' } };

/** The real servers that could be asked. */
export function asked(view: DirectorView): readonly Asked[] {
  return view.probes.filter((probe): probe is Asked => probe.reach.kind === 'asked');
}

/** The real server of a probe. */
export function realServer({ destination, reach }: ServerProbe): Culprit {
  const address = destination.address;
  return reach.kind === 'asked' && reach.gateway === undefined
    ? { role: 'real server', address, mac: reach.mac }
    : { role: 'real server', address };
}

export function serviceText({ service }: ServerProbe): string {
  return serviceKeyText(service);
}

/** Virtual addresses of services by address, each once. */
export function virtualAddresses({ state }: DirectorView): readonly Address[] {
  return [
    ...new Set(state.services.flatMap((service) => (service.kind === 'address' ? service.address : []))),
  ];
}

/** The interfaces of this host that hold an address. */
export function holders(view: DirectorView, address: Address): readonly string[] {
  return view.host.interfaces
    .filter(({ addresses }) => addresses.some((own) => own.address === address))
    .map(({ name }) => name);
}

/** What was asked by the data plane's way, and beside it; and what became of it. */
export function probeEvidence({ service, reach }: Asked): readonly string[] {
  const { target, source, mac, interface: name, answers } = reach;
  const protocol = service.kind === 'address' ? service.protocol : 'tcp';
  const opening = protocol === 'tcp' ? 'SYN' : protocol === 'udp' ? 'datagram' : 'packet';
  const line = (to: string, fate: string): string =>
    `${opening} ${source} > ${to} by ${name} to ${mac}: ${fate}`;
  const ping = (to: Address, heard: boolean): string =>
    `ping ${source} > ${to}: ${heard ? 'answered' : 'no answer'}`;
  return [
    ...(target.isTranslated || target.virtualPort === 0
      ? []
      : [line(endpointText(target.vip, target.virtualPort), fates[answers.virtual])]),
    ...(target.isTranslated ? [] : [ping(target.vip, answers.virtualPing)]),
    ...(target.realPort === 0 ? [] : [line(endpointText(target.rip, target.realPort), fates[answers.own])]),
    ping(target.rip, answers.ownPing),
  ];
}

const fates: Readonly<Record<Fate, string>> = {
  open: 'answered',
  closed: 'refused',
  rejected: 'refused by ICMP, as a firewall does',
  bounced: 'sent back by a host that does not hold the address',
  silent: 'no answer',
};
