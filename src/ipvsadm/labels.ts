/** How an address and port read in a listing: `10.0.0.1:80`, `[fd00::1]:80`, or `www.example.org:http`. */

import { endpointText, familyOf } from '../ipvs/address.ts';
import type { DestinationKey, Protocol } from '../ipvs/service.ts';
import type { Names } from './names.ts';

/** Ports have names only under a protocol; a service by mark has none. */
export type PortProtocol = Protocol | undefined;

/** Text not yet cut to a column. What has no name stays a number. */
export type Label = (endpoint: DestinationKey, protocol: PortProtocol) => string;

export type LabelRequest = { readonly endpoint: DestinationKey; readonly protocol: PortProtocol };

/** A host and port together fill at most so many characters of ipvsadm's buffer. */
const longestLabel = 59;

/** Numbers only. */
export const numericLabel: Label = ({ address, port }) => endpointText(address, port);

/** Names of all `requests`, asked for at once, so that slow answers are waited for together. */
export async function namedLabels(requests: Iterable<LabelRequest>, names: Names): Promise<Label> {
  const texts = new Map<string, Promise<string>>();
  for (const { endpoint, protocol } of requests) {
    const key = labelKey(endpoint, protocol);
    if (!texts.has(key)) texts.set(key, named(endpoint, protocol, names));
  }
  const known = new Map<string, string>();
  for (const [key, text] of texts) known.set(key, await text);
  return (endpoint, protocol) => known.get(labelKey(endpoint, protocol)) ?? numericLabel(endpoint, protocol);
}

async function named(
  { address, port }: DestinationKey,
  protocol: PortProtocol,
  names: Names,
): Promise<string> {
  const [name, service] = await Promise.all([
    names.hostOfAddress(address),
    protocol && names.serviceOfPort(port, protocol),
  ]);
  const host = name ?? address;
  const text = `${familyOf(address) === 6 ? `[${host}]` : host}:${service ?? port}`;
  return text.slice(0, longestLabel);
}

function labelKey({ address, port }: DestinationKey, protocol: PortProtocol): string {
  return `${protocol}:${address}:${port}`;
}
