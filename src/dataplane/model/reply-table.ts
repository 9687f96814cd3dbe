/**
 * Which connection a real server's packet to a client belongs to, by that packet's own addresses and ports.
 */

import type { Address } from '../../ipvs/address.ts';
import type { Protocol } from '../../ipvs/service.ts';
import type { Connection, Memory } from './memory.ts';

export function replyKey(
  protocol: Protocol,
  server: Address,
  serverPort: number,
  client: Address,
  clientPort: number,
): string {
  return `${protocol} ${server} ${serverPort} ${client} ${clientPort}`;
}

export function rememberReply({ replies }: Memory, connection: Connection): void {
  replies.set(keyOf(connection), connection);
}

/** Unless the real server's tuple has become another connection's meanwhile. */
export function forgetReply({ replies }: Memory, connection: Connection): void {
  const key = keyOf(connection);
  if (replies.get(key) === connection) replies.delete(key);
}

/** A real server that gets packets untranslated, because it is this host, answers from the virtual address. */
function keyOf({ tuple, destination, method, serverPort }: Connection): string {
  const { protocol, client, clientPort, virtual, virtualPort } = tuple;
  return method === 'masq'
    ? replyKey(protocol, destination.address, serverPort, client, clientPort)
    : replyKey(protocol, virtual, virtualPort, client, clientPort);
}
