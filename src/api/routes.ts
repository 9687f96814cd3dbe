/**
 * The one route table: server, client and their types all derive from it.
 *
 * HTTP/JSON on the namespace's unix socket. A refusal is `application/problem+json` with the `code` of
 * ipvs/errors.ts. `:service` is `tcp:10.0.0.1:80`, `udp:[fd00::1]:53`, `mark:7` or `mark6:7`; `:destination` is
 * `10.0.0.11:80` or `[fd00::11]:80`; `:vip` is `192.0.2.10/32`. The table holds no schema library, so that command line clients start fast;
 * schemas.ts gives each body its schema.
 */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { HookMode } from '../ipvs/interface.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import type {
  Destination,
  DestinationSettings,
  ServiceConfiguration,
  ServiceKey,
  ServiceSettings,
  ServiceStatus,
} from '../ipvs/service.ts';
import type { SyncDaemon, SyncDaemonRequest } from '../ipvs/sync-daemon.ts';
import type { SysctlValues } from '../ipvs/sysctl.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';
import type { Vip } from '../ipvs/vip.ts';
import type { DirectorStatus, NotForwardedStatus } from './status.ts';

/** Scheduler and engine travel as text: whether they exist is the director's question, asked after EEXIST. */
export type ServiceSettingsRequest = Omit<ServiceSettings, 'scheduler' | 'engine'> & {
  readonly scheduler: string;
  readonly engine?: string;
};

export type ServiceRequest = ServiceKey & ServiceSettingsRequest;

export type MarkRulesRequest = {
  readonly rules: readonly MarkRule[];
  /** Number of the first of them afterwards, from 1; behind all others if absent. */
  readonly position?: number;
};

/** One change of a batch (batch.ts) or a transaction (transaction.ts): a route by its name and what it takes. */
type LooseCall = {
  readonly route: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
};

/** How a change of a batch ended: `null` is well, else a code of ipvs/errors.ts. */
export type BatchAnswer = null | { readonly code: string; readonly detail?: string };

/** How a transaction ended: `null` is well, else the first change that was refused, by its place from 0. */
export type TransactionAnswer = {
  readonly refused: null | { readonly index: number; readonly code: string; readonly detail?: string };
};

type Shape = {
  readonly params?: string;
  readonly body?: unknown;
  readonly answer?: unknown;
  /** For streams: the type of one element. */
  readonly element?: unknown;
};

type Route<S extends Shape> = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** The answer is a stream of JSON values, one a line (application/x-ndjson). */
  readonly stream?: true;
  /** Types only; never there at run time. */
  readonly shape?: S;
};

function route<S extends Shape>(description: Omit<Route<S>, 'shape'>): Route<S> {
  return description;
}

export const routes = {
  listServices: route<{ answer: readonly ServiceStatus[] }>({ method: 'GET', path: '/v1/services' }),
  /** Services without counters. */
  getConfiguration: route<{ answer: readonly ServiceConfiguration[] }>({
    method: 'GET',
    path: '/v1/configuration',
  }),
  /** What they add and edit takes effect at once; each is answered as it would be by itself. */
  batch: route<{ body: readonly LooseCall[]; answer: readonly BatchAnswer[] }>({
    method: 'POST',
    path: '/v1/batch',
  }),
  /** All of them take effect at once, or none does. */
  transaction: route<{ body: readonly LooseCall[]; answer: TransactionAnswer }>({
    method: 'POST',
    path: '/v1/transaction',
  }),
  addService: route<{ body: ServiceRequest }>({ method: 'POST', path: '/v1/services' }),
  flush: route<Shape>({ method: 'DELETE', path: '/v1/services' }),
  getService: route<{ params: 'service'; answer: ServiceStatus }>({
    method: 'GET',
    path: '/v1/services/:service',
  }),
  editService: route<{ params: 'service'; body: ServiceSettingsRequest }>({
    method: 'PUT',
    path: '/v1/services/:service',
  }),
  deleteService: route<{ params: 'service' }>({ method: 'DELETE', path: '/v1/services/:service' }),
  addDestination: route<{ params: 'service'; body: Destination }>({
    method: 'POST',
    path: '/v1/services/:service/destinations',
  }),
  editDestination: route<{ params: 'service' | 'destination'; body: DestinationSettings }>({
    method: 'PUT',
    path: '/v1/services/:service/destinations/:destination',
  }),
  deleteDestination: route<{ params: 'service' | 'destination' }>({
    method: 'DELETE',
    path: '/v1/services/:service/destinations/:destination',
  }),
  /** With the last weight above 0 that it had, or 1. */
  enableDestination: route<{ params: 'service' | 'destination' }>({
    method: 'POST',
    path: '/v1/services/:service/destinations/:destination/enable',
  }),
  /** Ends its connections at once, be it deleted or not: clients of TCP are reset when they go on. */
  resetDestination: route<{ params: 'service' | 'destination'; answer: { readonly connections: number } }>({
    method: 'POST',
    path: '/v1/services/:service/destinations/:destination/reset',
  }),
  zeroAll: route<Shape>({ method: 'POST', path: '/v1/zero' }),
  zeroService: route<{ params: 'service' }>({ method: 'POST', path: '/v1/services/:service/zero' }),
  getTimeouts: route<{ answer: Timeouts }>({ method: 'GET', path: '/v1/timeouts' }),
  /** A 0 keeps what was. */
  setTimeouts: route<{ body: Timeouts }>({ method: 'PUT', path: '/v1/timeouts' }),
  listSyncDaemons: route<{ answer: readonly SyncDaemon[] }>({ method: 'GET', path: '/v1/sync-daemons' }),
  startSyncDaemon: route<{ body: SyncDaemonRequest }>({ method: 'POST', path: '/v1/sync-daemons' }),
  stopSyncDaemon: route<{ params: 'role' }>({ method: 'DELETE', path: '/v1/sync-daemons/:role' }),
  getSysctls: route<{ answer: SysctlValues }>({ method: 'GET', path: '/v1/sysctls' }),
  /** What is not named stays; all or nothing. */
  setSysctls: route<{ body: Readonly<Record<string, number>> }>({ method: 'PUT', path: '/v1/sysctls' }),
  listMarkRules: route<{ answer: readonly MarkRule[] }>({ method: 'GET', path: '/v1/mark-rules' }),
  addMarkRules: route<{ body: MarkRulesRequest }>({ method: 'POST', path: '/v1/mark-rules' }),
  replaceMarkRules: route<{ body: readonly MarkRule[] }>({ method: 'PUT', path: '/v1/mark-rules' }),
  /** By its number in the list, from 1. */
  deleteMarkRule: route<{ params: 'number' }>({ method: 'DELETE', path: '/v1/mark-rules/:number' }),
  /** Those that Fairlead has put there. */
  listVips: route<{ answer: readonly Vip[] }>({ method: 'GET', path: '/v1/vips' }),
  /** One that is there already is Fairlead's from then on. */
  addVip: route<{ body: Vip }>({ method: 'POST', path: '/v1/vips' }),
  deleteVip: route<{ params: 'interface' | 'vip' }>({
    method: 'DELETE',
    path: '/v1/interfaces/:interface/vips/:vip',
  }),
  listConnections: route<{ element: ConnectionStatus }>({
    method: 'GET',
    path: '/v1/connections',
    stream: true,
  }),
  notForwarded: route<{ answer: NotForwardedStatus }>({ method: 'GET', path: '/v1/not-forwarded' }),
  status: route<{ answer: DirectorStatus }>({ method: 'GET', path: '/v1/status' }),
  setHookMode: route<{ params: 'interface'; body: { readonly mode: HookMode } }>({
    method: 'PUT',
    path: '/v1/interfaces/:interface',
  }),
  unload: route<Shape>({ method: 'DELETE', path: '/v1/data-plane' }),
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

type ShapeOf<N extends RouteName> = Routes[N] extends Route<infer S> ? S : never;

/** What a caller supplies: `params` and `body` exactly where the route has them. */
export type RouteInput<N extends RouteName> = (ShapeOf<N> extends { params: infer P extends string }
  ? { readonly params: Readonly<Record<P, string>> }
  : { readonly params?: undefined }) &
  (ShapeOf<N> extends { body: infer B } ? { readonly body: B } : { readonly body?: undefined });

/** What the route answers; nothing (204) where its shape names no answer. */
export type RouteAnswer<N extends RouteName> =
  ShapeOf<N> extends { answer: infer A } ? A : ReturnType<() => void>;

/** One element of what a streaming route answers. */
export type RouteElement<N extends RouteName> = ShapeOf<N> extends { element: infer E } ? E : never;

/** The path with its parameters filled in and percent-encoded. */
export function routePath(path: string, params: Readonly<Record<string, string>> | undefined): string {
  return path.replace(/:([a-z]+)/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''));
}
