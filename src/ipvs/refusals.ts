/**
 * What IPVS refuses of a service or a real server, whatever others there are, in the order in which it looks
 * (ip_vs_ctl.c). Whether they exist already is asked elsewhere.
 */

import { familyOf, isUnicast } from './address.ts';
import type { ErrorCode } from './errors.ts';
import {
  type DestinationKey,
  type DestinationSettings,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
} from './service.ts';

export type Refusal = { readonly code: ErrorCode; readonly detail: string };

/** Asked after the service was found to be new, or to exist. */
export function serviceRefusal(
  key: ServiceKey,
  { persistent, netmask, onePacket }: Pick<ServiceSettings, 'persistent' | 'netmask' | 'onePacket'>,
): Refusal | undefined {
  const invalid = (detail: string): Refusal => ({ code: 'SERVICE_INVALID', detail });
  if (serviceFamily(key) === 6 && (netmask < 1 || netmask > 128))
    return invalid(`an IPv6 netmask of ${netmask} bits`);
  if (key.kind === 'mark') return undefined;
  if (key.port === 0 && persistent === 0) return invalid('port 0 is for persistent services');
  return onePacket && key.protocol !== 'udp' ? invalid('one-packet scheduling is for UDP') : undefined;
}

/** Asked after the service was found, and before the real server is looked for. */
export function destinationRefusal(
  service: ServiceKey,
  { address }: DestinationKey,
  { method, tunnel, upperThreshold, lowerThreshold }: DestinationSettings,
): Refusal | undefined {
  if (familyOf(address) !== serviceFamily(service) && method !== 'ipip')
    return { code: 'DESTINATION_FAMILY', detail: 'another address family is for tunnels' };
  if (lowerThreshold > upperThreshold)
    return { code: 'THRESHOLDS_OUT_OF_RANGE', detail: 'the lower threshold is above the upper one' };
  if ((method === 'ipip') !== (tunnel !== undefined))
    return { code: 'TUNNEL_INVALID', detail: 'a tunnel goes with the method ipip, and it with a tunnel' };
  return tunnel && (tunnel.type === 'gue') !== tunnel.port > 0
    ? { code: 'TUNNEL_INVALID', detail: 'gue needs a port, and only gue has one' }
    : undefined;
}

/** Asked after the real server was found to be new. */
export function newDestinationRefusal({ address }: DestinationKey): Refusal | undefined {
  return isUnicast(address) ? undefined : { code: 'DESTINATION_NOT_UNICAST', detail: address };
}
