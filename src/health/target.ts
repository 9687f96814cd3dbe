/** Whom a probe asks, and by which way. */

import { type Address, familyOf } from '../ipvs/address.ts';
import type { Destination, Protocol, ServiceKey } from '../ipvs/service.ts';
import type { CheckVia, SingleCheck } from './check.ts';

export type Target = {
  /** Absent where the service is a firewall mark. */
  readonly vip?: Address;
  /** 0: every port, or a firewall mark's. */
  readonly vport: number;
  readonly rip: Address;
  /** 0: the service is for every port, and the check names none. */
  readonly rport: number;
  readonly protocol: Protocol;
  /** `dr`: to `vip`, at the MAC of `rip`. */
  readonly via: CheckVia;
};

/**
 * A check's target for one real server of one service. Without a way of its own it goes through direct routing where
 * the real server's packets do, and where there is a virtual address of the same family; what asks nobody on the
 * network goes nowhere (`rip`).
 */
export function targetOf(
  check: SingleCheck,
  service: ServiceKey,
  server: Pick<Destination, 'address' | 'port' | 'method'>,
): Target {
  const { address: rip = server.address, port } = check;
  const vip = service.kind === 'address' ? service.address : undefined;
  const vport = service.kind === 'address' ? service.port : 0;
  const isDirect = vip !== undefined && server.method === 'gate' && familyOf(vip) === familyOf(rip);
  const asksNobody = check.probe.kind === 'command' || check.probe.kind === 'file';
  const usual = isDirect && !asksNobody && check.address === undefined ? 'dr' : 'rip';
  return {
    ...(vip !== undefined && { vip }),
    ...{ vport, rip, rport: port ?? server.port, via: check.via ?? usual },
    protocol: service.kind === 'address' ? service.protocol : 'tcp',
  };
}
