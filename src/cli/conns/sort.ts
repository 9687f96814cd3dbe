/** Connections in some order. They come in pieces; where only the first are wanted, no more than twice as many are kept. */

import { addressToBytes, familyOf } from '../../ipvs/address.ts';
import type { ConnectionStatus, Endpoint } from '../../ipvs/connection.ts';

export const sortKeys = ['client', 'vip', 'server', 'state', 'expires'] as const;
export type SortKey = (typeof sortKeys)[number];

type Order = (a: ConnectionStatus, b: ConnectionStatus) => number;

const orders: Readonly<Record<SortKey, Order>> = {
  client: (a, b) => byEndpoint(a.client, b.client),
  vip: (a, b) => byEndpoint(a.virtual, b.virtual),
  server: (a, b) => byEndpoint(a.destination, b.destination),
  state: (a, b) => (a.state < b.state ? -1 : a.state > b.state ? 1 : 0),
  expires: (a, b) => a.expiresInSeconds - b.expiresInSeconds,
};

/** The first `limit` of them in pieces, as soon as all have come. */
export async function* sorted(
  arriving: AsyncIterable<readonly ConnectionStatus[]>,
  key: SortKey,
  limit: number,
): AsyncGenerator<readonly ConnectionStatus[]> {
  let kept: ConnectionStatus[] = [];
  for await (const connections of arriving) {
    for (const connection of connections) kept.push(connection);
    if (kept.length > 2 * limit) kept = kept.sort(orders[key]).slice(0, limit);
  }
  kept = kept.sort(orders[key]);
  const end = Math.min(limit, kept.length);
  for (let at = 0; at < end; at += 1000) yield kept.slice(at, Math.min(end, at + 1000));
}

/** IPv4 before IPv6, each by its octets, then by port. */
function byEndpoint(a: Endpoint, b: Endpoint): number {
  if (a.address === b.address) return a.port - b.port;
  const families = familyOf(a.address) - familyOf(b.address);
  return families || Buffer.compare(addressToBytes(a.address), addressToBytes(b.address));
}
