/** Identities out of URLs: `tcp:10.0.0.1:80` and `10.0.0.11:80`. */

import { parseIpv4, parsePort } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { DestinationKey, Protocol, ServiceKey } from '../ipvs/service.ts';

/** Throws BAD_REQUEST. */
export function parseServiceKey(text: string): ServiceKey {
  const [protocol, ...rest] = text.split(':');
  const key = parseDestinationKey(rest.join(':'));
  if (protocol !== 'tcp' && protocol !== 'udp') throw new FairleadError('BAD_REQUEST', `service ${text}`);
  return { protocol: protocol satisfies Protocol, ...key };
}

/** Throws BAD_REQUEST. */
export function parseDestinationKey(text: string): DestinationKey {
  const [host = '', number = '', ...rest] = text.split(':');
  const address = parseIpv4(host);
  const port = parsePort(number);
  if (address === undefined || port === undefined || rest.length > 0) {
    throw new FairleadError('BAD_REQUEST', `address and port ${text}`);
  }
  return { address, port };
}
