/**
 * The one route table: server, client and their types all derive from it.
 *
 * HTTP/JSON on the namespace's unix socket. A refusal is `application/problem+json` with the `code` of
 * ipvs/errors.ts. `:service` is `tcp:10.0.0.1:80`, `udp:[fd00::1]:53`, `mark:7` or `mark6:7`; `:destination` is
 * `10.0.0.11:80` or `[fd00::11]:80`; `:vip` is `192.0.2.10/32`. The table holds no schema library, so that command line clients start fast;
 * schemas.ts gives each body its schema.
 */

import type { HealthPlan } from '../health/plan.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { FilterName } from '../ipvs/connection-filter.ts';
import type { HookMode } from '../ipvs/interface.ts';
import type { ApiSettings } from '../ipvs/listener.ts';
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
import type { HealthStatus, HealthSummary } from './health.ts';
import type { DirectorStatus, NeighbourStatus, NotForwardedStatus, ServiceSummary } from './status.ts';

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

/** What reading the configuration file again came to. */
export type ReloadAnswer = { readonly file: string; readonly changes: number; readonly summary: string };

/** One change of a batch (batch.ts) or a transaction (transaction.ts): a route by its name and what it takes. */
type LooseCall = {
  readonly route: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
};

/** How a change of a batch ended: `null` is well, else a code of ipvs/errors.ts. */
export type BatchAnswer = null | { readonly code: string; readonly detail?: string };

/**
 * How a transaction ended: `null` is well, else the first change that was refused, by its place from 0. Without a place it is
 * what comes of all of them together that could not be made, as where the tables have no room for it.
 */
export type TransactionAnswer = {
  readonly refused: null | { readonly index?: number; readonly code: string; readonly detail?: string };
};

type Shape = {
  readonly params?: string;
  /** Names of what may stand in the URL behind the question mark. */
  readonly query?: string;
  readonly body?: unknown;
  readonly answer?: unknown;
  /** For streams: the type of one element. */
  readonly element?: unknown;
  /** The answer is not JSON (page.ts). */
  readonly page?: true;
};

/**
 * Who may call a route, the least first: whoever has a token to look, or one to change things, or nobody but root of this
 * machine, who comes by the unix socket.
 */
export type Role = 'read-only' | 'operator' | 'local';

type Route<S extends Shape> = {
  readonly role: Role;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** The answer is the configuration, or of it: it has an ETag. */
  readonly tagged?: true;
  /** The answer is a stream of JSON values, one a line (application/x-ndjson). */
  readonly stream?: true;
  /** The answer is text of some kind of its own: what that is, in a few words. */
  readonly page?: string;
  /** Types only; never there at run time. */
  readonly shape?: S;
};

function route<S extends Shape>(description: Omit<Route<S>, 'shape'>): Route<S> {
  return description;
}

export const routes = {
  listServices: route<{ answer: readonly ServiceStatus[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/services',
  }),
  /** Services without counters. */
  getConfiguration: route<{ answer: readonly ServiceConfiguration[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/configuration',
    tagged: true,
  }),
  getServiceConfiguration: route<{ params: 'service'; answer: ServiceConfiguration }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/configuration/:service',
    tagged: true,
  }),
  /** The same as people and files want them, whatever checks, maintenance and slow starts make of them meanwhile. */
  getWanted: route<{ answer: readonly ServiceConfiguration[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/wanted',
  }),
  /** Of services that are looked after: what their real servers are, and since when. */
  getHealth: route<{ answer: HealthStatus }>({ role: 'read-only', method: 'GET', path: '/v1/health' }),
  /** The same in few words. */
  summarizeHealth: route<{ answer: HealthSummary }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/health/summary',
  }),
  getHealthPlan: route<{ answer: HealthPlan }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/health/plan',
    tagged: true,
  }),
  /** What asks the same of the same real servers goes on. Checks may run programs on this machine. */
  replaceHealth: route<{ body: HealthPlan }>({ role: 'local', method: 'PUT', path: '/v1/health/plan' }),
  /** What they add and edit takes effect at once; each is answered as it would be by itself. */
  batch: route<{ body: readonly LooseCall[]; answer: readonly BatchAnswer[] }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/batch',
  }),
  /** All of them take effect at once, or none does. */
  transaction: route<{ body: readonly LooseCall[]; answer: TransactionAnswer }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/transaction',
  }),
  addService: route<{ body: ServiceRequest }>({ role: 'operator', method: 'POST', path: '/v1/services' }),
  flush: route<Shape>({ role: 'operator', method: 'DELETE', path: '/v1/services' }),
  getService: route<{ params: 'service'; answer: ServiceStatus }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/services/:service',
  }),
  editService: route<{ params: 'service'; body: ServiceSettingsRequest }>({
    role: 'operator',
    method: 'PUT',
    path: '/v1/services/:service',
  }),
  deleteService: route<{ params: 'service' }>({
    role: 'operator',
    method: 'DELETE',
    path: '/v1/services/:service',
  }),
  addDestination: route<{ params: 'service'; body: Destination }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/services/:service/destinations',
  }),
  editDestination: route<{ params: 'service' | 'destination'; body: DestinationSettings }>({
    role: 'operator',
    method: 'PUT',
    path: '/v1/services/:service/destinations/:destination',
  }),
  deleteDestination: route<{ params: 'service' | 'destination' }>({
    role: 'operator',
    method: 'DELETE',
    path: '/v1/services/:service/destinations/:destination',
  }),
  /** With the last weight above 0 that it had, or 1. */
  enableDestination: route<{ params: 'service' | 'destination' }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/services/:service/destinations/:destination/enable',
  }),
  /** Ends its connections at once, be it deleted or not: those of TCP are reset at both ends. */
  resetDestination: route<{ params: 'service' | 'destination'; answer: { readonly connections: number } }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/services/:service/destinations/:destination/reset',
  }),
  zeroAll: route<Shape>({ role: 'operator', method: 'POST', path: '/v1/zero' }),
  zeroService: route<{ params: 'service' }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/services/:service/zero',
  }),
  getTimeouts: route<{ answer: Timeouts }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/timeouts',
    tagged: true,
  }),
  /** A 0 keeps what was. */
  setTimeouts: route<{ body: Timeouts }>({ role: 'operator', method: 'PUT', path: '/v1/timeouts' }),
  listSyncDaemons: route<{ answer: readonly SyncDaemon[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/sync-daemons',
    tagged: true,
  }),
  startSyncDaemon: route<{ body: SyncDaemonRequest }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/sync-daemons',
  }),
  stopSyncDaemon: route<{ params: 'role' }>({
    role: 'operator',
    method: 'DELETE',
    path: '/v1/sync-daemons/:role',
  }),
  getSysctls: route<{ answer: SysctlValues }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/sysctls',
    tagged: true,
  }),
  /** What is not named stays; all or nothing. */
  setSysctls: route<{ body: Readonly<Record<string, number>> }>({
    role: 'operator',
    method: 'PUT',
    path: '/v1/sysctls',
  }),
  listMarkRules: route<{ answer: readonly MarkRule[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/mark-rules',
    tagged: true,
  }),
  addMarkRules: route<{ body: MarkRulesRequest }>({
    role: 'operator',
    method: 'POST',
    path: '/v1/mark-rules',
  }),
  replaceMarkRules: route<{ body: readonly MarkRule[] }>({
    role: 'operator',
    method: 'PUT',
    path: '/v1/mark-rules',
  }),
  /** By its number in the list, from 1. */
  deleteMarkRule: route<{ params: 'number' }>({
    role: 'operator',
    method: 'DELETE',
    path: '/v1/mark-rules/:number',
  }),
  /** Those that Fairlead has put there. */
  listVips: route<{ answer: readonly Vip[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/vips',
    tagged: true,
  }),
  /** One that is there already is Fairlead's from then on. */
  addVip: route<{ body: Vip }>({ role: 'operator', method: 'POST', path: '/v1/vips' }),
  deleteVip: route<{ params: 'interface' | 'vip' }>({
    role: 'operator',
    method: 'DELETE',
    path: '/v1/interfaces/:interface/vips/:vip',
  }),
  /** Where the API listens besides the unix socket. */
  getApi: route<{ answer: ApiSettings }>({ role: 'read-only', method: 'GET', path: '/v1/api', tagged: true }),
  setApi: route<{ body: ApiSettings }>({ role: 'local', method: 'PUT', path: '/v1/api' }),
  listConnections: route<{ query: FilterName; element: ConnectionStatus }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/connections',
    stream: true,
  }),
  /** One element, how many they are. */
  countConnections: route<{ query: FilterName; element: { readonly connections: number } }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/connections/count',
    stream: true,
  }),
  notForwarded: route<{ answer: NotForwardedStatus }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/not-forwarded',
  }),
  /** The routes, as OpenAPI has them. */
  getDescription: route<{ answer: Readonly<Record<string, unknown>> }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/openapi.json',
  }),
  /** Services without their real servers, but with the sums of what those have. */
  summarizeServices: route<{ answer: readonly ServiceSummary[] }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/summary',
  }),
  /** The real servers that this host has asked its segments for. */
  listNeighbours: route<{ element: NeighbourStatus }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/neighbours',
    stream: true,
  }),
  status: route<{ answer: DirectorStatus }>({ role: 'read-only', method: 'GET', path: '/v1/status' }),
  setHookMode: route<{ params: 'interface'; body: { readonly mode: HookMode } }>({
    role: 'operator',
    method: 'PUT',
    path: '/v1/interfaces/:interface',
  }),
  /** The configuration file that the daemon was started with, again: all of it or nothing. */
  reload: route<{ answer: ReloadAnswer }>({ role: 'operator', method: 'POST', path: '/v1/reload' }),
  unload: route<Shape>({ role: 'operator', method: 'DELETE', path: '/v1/data-plane' }),
  metrics: route<{ page: true; query: 'collect[]' }>({
    role: 'read-only',
    method: 'GET',
    path: '/metrics',
    page: 'metrics in the text format of Prometheus, or as OpenMetrics where that is accepted',
  }),
  /** 200 or 503. With `live` an answer is all that is asked for. */
  healthz: route<{ page: true; query: 'live' }>({
    role: 'read-only',
    method: 'GET',
    path: '/healthz',
    page: 'whether the director does its work, and why not, as JSON',
  }),
  /** `since`: the number of the last event that is known, as the header Last-Event-ID; 0 is before all others. */
  events: route<{ page: true; query: 'since' }>({
    role: 'read-only',
    method: 'GET',
    path: '/v1/events',
    page: 'what happens from now on, as server-sent events',
  }),
} as const;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
/** The routes whose answer is no JSON. */
export type PageName = {
  [N in RouteName]: ShapeOf<N> extends { page: true } ? N : never;
}[RouteName];

type ShapeOf<N extends RouteName> = Routes[N] extends Route<infer S> ? S : never;

/** What a caller supplies: `params` and `body` exactly where the route has them. */
export type RouteInput<N extends RouteName> = (ShapeOf<N> extends { params: infer P extends string }
  ? { readonly params: Readonly<Record<P, string>> }
  : { readonly params?: undefined }) &
  (ShapeOf<N> extends { query: infer Q extends string }
    ? { readonly query?: { readonly [W in Q]?: W extends `${string}[]` ? readonly string[] : string } }
    : { readonly query?: undefined }) &
  (ShapeOf<N> extends { body: infer B } ? { readonly body: B } : { readonly body?: undefined });

/** What the route answers; nothing (204) where its shape names no answer. */
export type RouteAnswer<N extends RouteName> =
  ShapeOf<N> extends { answer: infer A } ? A : ReturnType<() => void>;

/** One element of what a streaming route answers. */
export type RouteElement<N extends RouteName> = ShapeOf<N> extends { element: infer E } ? E : never;

/** What stands behind the question mark; a list is written as often as it has words. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The path with its parameters filled in and percent-encoded, and behind it the query. */
export function routePath(
  path: string,
  params: Readonly<Record<string, string>> | undefined,
  query: Query = {},
): string {
  const filled = path.replace(/:([a-z]+)/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''));
  const words = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((word) => `${name}=${encodeURIComponent(word)}`),
  );
  return words.length === 0 ? filled : `${filled}?${words.join('&')}`;
}
