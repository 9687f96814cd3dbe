/** Changes of a real server in all its services at once. */

import type { Client } from '../../api/client.ts';
import type { TransactionCall } from '../../api/transaction.ts';
import { type ErrorCode, FairleadError } from '../../ipvs/errors.ts';
import { type Member, paramsOf } from './members.ts';

export async function setWeight(client: Client, members: readonly Member[], weight: number): Promise<void> {
  await together(
    client,
    members.map((member) => {
      const { address: _, port: __, ...settings } = member.server;
      return { route: 'editDestination', params: paramsOf(member), body: { ...settings, weight } };
    }),
  );
}

export async function enable(client: Client, members: readonly Member[]): Promise<void> {
  await together(
    client,
    members.map((member) => ({ route: 'enableDestination', params: paramsOf(member) })),
  );
}

export async function remove(client: Client, members: readonly Member[]): Promise<void> {
  await together(
    client,
    members.map((member) => ({ route: 'deleteDestination', params: paramsOf(member) })),
  );
}

/** Ends all connections; answers how many there were. */
export async function reset(client: Client, members: readonly Member[]): Promise<number> {
  let ended = 0;
  for (const member of members)
    ended += (await client.call('resetDestination', { params: paramsOf(member) })).connections;
  return ended;
}

/** All of them, or none. */
async function together(client: Client, calls: readonly TransactionCall[]): Promise<void> {
  const { refused } = await client.call('transaction', { body: calls });
  if (refused) throw new FairleadError(refused.code as ErrorCode, refused.detail);
}
