/** What findings share: reading a view, and wording it. */

import type { Address } from '../../ipvs/address.ts';
import { endpointText } from '../../ipvs/address.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';
import { serviceKeyText } from '../../ipvs/service.ts';
import { type Entrance, isEntered, virtualAddressesOf } from '../entrances.ts';
import type { Culprit } from '../finding.ts';
import type { LocalFate } from '../probes/local.ts';
import type { Fate } from '../probes/server.ts';
import { type Verdict, verdictOf } from '../verdict.ts';
import type { DirectorView, Reach, ServerProbe } from '../view.ts';

export type Asked = ServerProbe & { readonly reach: Reach & { readonly kind: 'asked' } };

export type Local = ServerProbe & { readonly entrance: Entrance };

/** The real servers that may get clients: one with weight 0 is out of rotation, and may be whatever it is. */
export function inRotation({ probes }: DirectorView): readonly ServerProbe[] {
  return probes.filter(({ destination }) => destination.weight > 0);
}

/** Those of them that could be asked. */
export function asked(view: DirectorView): readonly Asked[] {
  return inRotation(view).filter((probe): probe is Asked => probe.reach.kind === 'asked');
}

export function verdictIs(wanted: Verdict): (probe: Asked) => boolean {
  return ({ reach }) => verdictOf(reach.target, reach.answers) === wanted;
}

/** A director that is its own real server, where its service answers so. */
export function localTo(view: DirectorView, fate: LocalFate): readonly Local[] {
  return inRotation(view).filter(
    (probe): probe is Local =>
      probe.entrance !== undefined && probe.reach.kind === 'local' && probe.reach.fate === fate,
  );
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

/** The virtual addresses of all services, each once. */
export function virtualAddresses({ state }: DirectorView): readonly Address[] {
  return virtualAddressesOf(state);
}

/** Services with a virtual address, as text. */
export function servicesAt({ state }: DirectorView, vip: Address): readonly string[] {
  return state.services.filter((service) => isEntered(service, state, vip)).map(serviceKeyText);
}

/** The interfaces of this host that hold an address. */
export function holders({ host }: Pick<DirectorView, 'host'>, address: Address): readonly string[] {
  return host.interfaces
    .filter(({ addresses }) => addresses.some((own) => own.address === address))
    .map(({ name }) => name);
}

/** The connections of a real server by a service, as far as the doctor has seen the table. */
export function connectionsOf(
  { state }: DirectorView,
  { entrance, destination }: ServerProbe,
): readonly ConnectionStatus[] {
  if (!entrance) return [];
  return state.connections.filter(
    ({ template, protocol, virtual, destination: end }) =>
      !template &&
      protocol === entrance.protocol &&
      virtual.address === entrance.address &&
      (entrance.port === 0 || virtual.port === entrance.port) &&
      end.address === destination.address,
  );
}

/** What belongs together, by key, in the order in which keys are first met. */
export function grouped<K, T>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

const fates: Readonly<Record<Fate, string>> = {
  open: 'answered',
  closed: 'refused',
  rejected: 'refused by ICMP, as a firewall does',
  bounced: 'came back, sent on by a host that does not take it for its own',
  silent: 'no answer',
};

/** What was asked by the data plane's way, and beside it; and what became of it. */
export function probeEvidence({ reach }: Asked): readonly string[] {
  const { target, source, mac, interface: name, answers } = reach;
  const opening = { tcp: 'SYN', udp: 'datagram', sctp: 'packet' }[target.protocol];
  const how = target.tunnel ? `in ${target.tunnel.type} to` : 'to';
  const line = (to: string, fate: string, way: string): string =>
    `${opening} ${source} > ${to} by ${name} ${way} ${mac}: ${fate}`;
  const ping = (to: Address, heard: boolean): string =>
    `ping ${source} > ${to}: ${heard ? 'answered' : 'no answer'}`;
  const virtual = endpointText(target.vip, target.virtualPort);
  const own = endpointText(target.rip, target.realPort);
  return [
    ...(target.isTranslated || target.virtualPort === 0 ? [] : [line(virtual, fates[answers.virtual], how)]),
    ...(target.isTranslated ? [] : [ping(target.vip, answers.virtualPing)]),
    ...(target.realPort === 0 ? [] : [line(own, fates[answers.own], 'to')]),
    ping(target.rip, answers.ownPing),
  ];
}
