/** How an address and port read in a listing: `10.0.0.1:80`, or `www.example.org:http`. */

import type { DestinationKey, Protocol } from '../ipvs/service.ts';
import type { Names } from './names.ts';

/** Full text, not yet cut to a column. What has no name stays a number. */
export type Label = (endpoint: DestinationKey, protocol: Protocol) => string;

export type LabelRequest = { readonly endpoint: DestinationKey; readonly protocol: Protocol };

/** Numbers only. */
export const numericLabel: Label = ({ address, port }) => `${address}:${port}`;

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

async function named({ address, port }: DestinationKey, protocol: Protocol, names: Names): Promise<string> {
  const [host, service] = await Promise.all([
    names.hostOfAddress(address),
    names.serviceOfPort(port, protocol),
  ]);
  return `${host ?? address}:${service ?? port}`;
}

function labelKey({ address, port }: DestinationKey, protocol: Protocol): string {
  return `${protocol}:${address}:${port}`;
}
