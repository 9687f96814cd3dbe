/** Changes that are made together or not at all. */

import type { RouteInput, RouteName } from './routes.ts';

export const transactionRoutes = [
  'addService',
  'editService',
  'deleteService',
  'addDestination',
  'editDestination',
  'deleteDestination',
  'enableDestination',
  'setTimeouts',
  'setSysctls',
  'replaceMarkRules',
  'replaceHealth',
  'addVip',
  'deleteVip',
  'setApi',
] as const satisfies readonly RouteName[];
export type TransactionRoute = (typeof transactionRoutes)[number];

/** One change: a route and what it takes. */
export type TransactionCall = {
  [N in TransactionRoute]: { readonly route: N } & RouteInput<N>;
}[TransactionRoute];

/** Most changes in one request: more than all services and real servers that there can be. */
export const maxTransaction = 300_000;
