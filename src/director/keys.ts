/** Identities and addresses out of requests, in their one canonical form. */

import { type Address, parseAddress, parseEndpoint } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type DestinationKey, parseServiceKeyText, type ServiceKey } from '../ipvs/service.ts';
import { type SyncDaemonRequest, type SyncRole, syncRoles } from '../ipvs/sync-daemon.ts';
import { parseVip, type Vip } from '../ipvs/vip.ts';

/** `tcp:10.0.0.1:80`, `udp:[fd00::1]:53`, `mark:7`, `mark6:7`. Throws BAD_REQUEST. */
export function parseServiceKey(text: string): ServiceKey {
  const key = parseServiceKeyText(text);
  if (!key) throw new FairleadError('BAD_REQUEST', `service ${text}`);
  return key;
}

/** `10.0.0.11:80`, `[fd00::11]:80`. Throws BAD_REQUEST. */
export function parseDestinationKey(text: string): DestinationKey {
  const key = parseEndpoint(text);
  if (!key) throw new FairleadError('BAD_REQUEST', `address and port ${text}`);
  return key;
}

/** The same with its address as this house writes it: IPv6 has many texts. Throws BAD_REQUEST. */
export function canonical<T extends object>(named: T): T {
  if (!('address' in named)) return named;
  return { ...named, address: canonicalAddress(String(named.address)) };
}

/** The same of a sync daemon's group. */
export function canonicalGroup(request: SyncDaemonRequest): SyncDaemonRequest {
  return request.group === undefined ? request : { ...request, group: canonicalAddress(request.group) };
}

/** An interface and `192.0.2.10/32`. Throws BAD_REQUEST. */
export function parseVipParams(params: { readonly interface: string; readonly vip: string }): Vip {
  const vip = parseVip(params.vip);
  if (!vip) throw new FairleadError('BAD_REQUEST', `address ${params.vip}`);
  return { interface: params.interface, ...vip };
}

/** Throws BAD_REQUEST. */
export function parseSyncRole(text: string): SyncRole {
  const role = syncRoles.find((known) => known === text);
  if (!role) throw new FairleadError('BAD_REQUEST', `sync daemon ${text}`);
  return role;
}

function canonicalAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new FairleadError('BAD_REQUEST', `address ${text}`);
  return address;
}
