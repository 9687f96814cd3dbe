/** Changes that travel together in one request; each is answered by itself. */

import type { Client } from './client.ts';
import type { RouteInput, RouteName } from './routes.ts';

export const batchedRoutes = [
  'addService',
  'editService',
  'deleteService',
  'flush',
  'addDestination',
  'editDestination',
  'deleteDestination',
  'zeroAll',
  'zeroService',
  'setTimeouts',
  'startSyncDaemon',
  'stopSyncDaemon',
] as const satisfies readonly RouteName[];
export type BatchedRoute = (typeof batchedRoutes)[number];

/** One change: a route and what it takes. */
export type BatchedCall = { [N in BatchedRoute]: { readonly route: N } & RouteInput<N> }[BatchedRoute];

/** Most changes in one request. */
export const maxBatch = 1000;

/** Makes one change by its own route. Throws as the route does. */
export async function callOne(client: Client, { route, ...input }: BatchedCall): Promise<void> {
  await client.call(route, input as never);
}
