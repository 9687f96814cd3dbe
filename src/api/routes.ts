/**
 * The one route table: server, client and their types all derive from it.
 *
 * HTTP/JSON on the namespace's unix socket. A refusal is `application/problem+json` with the `code` of
 * ipvs/errors.ts. `:service` is `tcp:10.0.0.1:80`, `:destination` is `10.0.0.11:80`. The table holds no
 * schema library, so that command line clients start fast; schemas.ts gives each body its schema.
 */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { HookMode, InterfaceStatus } from '../ipvs/interface.ts';
import type { SchedulerFlag } from '../ipvs/schedulers.ts';
import type { Destination, ServiceKey, ServiceStatus } from '../ipvs/service.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';

/** A scheduler travels as text: whether it exists is the director's question, asked after EEXIST. */
export type ServiceRequest = ServiceKey & {
  readonly scheduler: string;
  readonly flags: readonly SchedulerFlag[];
};

export type DirectorStatus = {
  readonly version: string;
  readonly pid: number;
  /** Inode of the network namespace this director serves. */
  readonly namespace: number;
  readonly interfaces: readonly InterfaceStatus[];
  readonly connections: { readonly count: number; readonly limit: number };
  /** Packets that matched a service, or came near one, and were not forwarded, by reason (abi.h). */
  readonly notForwarded: Readonly<Record<string, number>>;
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
  addService: route<{ body: ServiceRequest }>({ method: 'POST', path: '/v1/services' }),
  flush: route<Shape>({ method: 'DELETE', path: '/v1/services' }),
  getService: route<{ params: 'service'; answer: ServiceStatus }>({
    method: 'GET',
    path: '/v1/services/:service',
  }),
  editService: route<{ params: 'service'; body: Pick<ServiceRequest, 'scheduler' | 'flags'> }>({
    method: 'PUT',
    path: '/v1/services/:service',
  }),
  deleteService: route<{ params: 'service' }>({ method: 'DELETE', path: '/v1/services/:service' }),
  addDestination: route<{ params: 'service'; body: Destination }>({
    method: 'POST',
    path: '/v1/services/:service/destinations',
  }),
  editDestination: route<{
    params: 'service' | 'destination';
    body: Pick<Destination, 'method' | 'weight'>;
  }>({ method: 'PUT', path: '/v1/services/:service/destinations/:destination' }),
  deleteDestination: route<{ params: 'service' | 'destination' }>({
    method: 'DELETE',
    path: '/v1/services/:service/destinations/:destination',
  }),
  zeroAll: route<Shape>({ method: 'POST', path: '/v1/zero' }),
  zeroService: route<{ params: 'service' }>({ method: 'POST', path: '/v1/services/:service/zero' }),
  getTimeouts: route<{ answer: Timeouts }>({ method: 'GET', path: '/v1/timeouts' }),
  /** A 0 keeps what was. */
  setTimeouts: route<{ body: Timeouts }>({ method: 'PUT', path: '/v1/timeouts' }),
  listConnections: route<{ element: ConnectionStatus }>({
    method: 'GET',
    path: '/v1/connections',
    stream: true,
  }),
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
