/** Where clients come in to a service: its own address and port, or those that mark rules give its mark. Pure. */

import type { Address } from '../ipvs/address.ts';
import { fullLength } from '../ipvs/prefix.ts';
import type { Protocol, ServiceKey } from '../ipvs/service.ts';
import type { DirectorState } from './view.ts';

export type Entrance = {
  readonly protocol: Protocol;
  readonly address: Address;
  /** 0: any. */
  readonly port: number;
};

type State = Pick<DirectorState, 'services' | 'markRules'>;

/** Of a service by mark, as far as rules name single addresses; where they name a network, nobody can ask all of it. */
export function entrancesOf(
  service: ServiceKey,
  { markRules }: Pick<State, 'markRules'>,
): readonly Entrance[] {
  if (service.kind === 'address') {
    const { protocol, address, port } = service;
    return [{ protocol, address, port }];
  }
  const fitting = markRules.filter(
    ({ family, target, value }) =>
      value === service.mark &&
      family === service.family &&
      target?.length === fullLength(target?.address ?? ('' as Address)),
  );
  const entrances = fitting.flatMap(({ protocol = 'tcp', target, targetPorts }) =>
    target ? [{ protocol, address: target.address, port: targetPorts?.first ?? 0 }] : [],
  );
  return [...new Map(entrances.map((one) => [`${one.protocol} ${one.address} ${one.port}`, one])).values()];
}

/** The virtual addresses of all services, each once. */
export function virtualAddressesOf(state: State): readonly Address[] {
  const entrances = state.services.flatMap((service) => entrancesOf(service, state));
  return [...new Set(entrances.map(({ address }) => address))];
}

/** Whether a packet to this address and port is for the service. */
export function isEntered(service: ServiceKey, state: State, vip: Address, port?: number): boolean {
  return entrancesOf(service, state).some(
    (one) => one.address === vip && (port === undefined || one.port === 0 || one.port === port),
  );
}
