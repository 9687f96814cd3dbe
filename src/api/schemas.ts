/** JSON Schemas of what the API accepts, by route. Only the server loads them. */

import { type TSchema, Type } from 'typebox';
import { filterNames } from '../ipvs/connection-filter.ts';
import { hookModes } from '../ipvs/interface.ts';
import { listenerPlaces, maxListeners, maxRate } from '../ipvs/listener.ts';
import { maxMarkRules } from '../ipvs/mark-rule.ts';
import { schedulerFlags } from '../ipvs/schedulers.ts';
import {
  forwardingMethods,
  maxMark,
  maxThreshold,
  maxWeight,
  protocols,
  tunnelChecksums,
  tunnelTypes,
} from '../ipvs/service.ts';
import { maxSyncLength, syncRoles } from '../ipvs/sync-daemon.ts';
import { maxTimeoutSeconds } from '../ipvs/timeouts.ts';
import { type BatchedRoute, batchedRoutes, maxBatch } from './batch.ts';
import { healthPlanSchema } from './health-schema.ts';
import type { RouteName } from './routes.ts';
import { maxTransaction, type TransactionRoute, transactionRoutes } from './transaction.ts';

const closed = { additionalProperties: false };
export const oneOf = (values: readonly (string | number)[]): TSchema =>
  Type.Union(values.map((value) => Type.Literal(value)));
const number = (minimum: number, maximum: number): TSchema => Type.Integer({ minimum, maximum });

export const address = Type.Union([Type.String({ format: 'ipv4' }), Type.String({ format: 'ipv6' })]);
export const port = number(0, 0xffff);
const protocol = oneOf(protocols);
const family = oneOf([4, 6]);

export const serviceSettings = {
  scheduler: Type.String({ minLength: 1, maxLength: 15 }),
  flags: Type.Array(oneOf(schedulerFlags), { uniqueItems: true }),
  persistent: number(0, maxTimeoutSeconds),
  netmask: number(0, 0xffffffff),
  engine: Type.Optional(Type.String({ minLength: 1, maxLength: 15 })),
  onePacket: Type.Boolean(),
};

export const serviceKeys = [
  { kind: Type.Literal('address'), protocol, address, port },
  { kind: Type.Literal('mark'), mark: number(1, maxMark), family },
] as const;

const newService = Type.Union(serviceKeys.map((key) => Type.Object({ ...key, ...serviceSettings }, closed)));

export const destinationSettings = {
  method: oneOf(forwardingMethods),
  weight: number(0, maxWeight),
  upperThreshold: number(0, maxThreshold),
  lowerThreshold: number(0, maxThreshold),
  tunnel: Type.Optional(
    Type.Object({ type: oneOf(tunnelTypes), port, checksum: oneOf(tunnelChecksums) }, closed),
  ),
};

const newDestination = Type.Object({ address, port, ...destinationSettings }, closed);

export const healthPlan = healthPlanSchema(newDestination);

const prefix = Type.Optional(Type.Object({ address, length: number(0, 128) }, closed));
const ports = Type.Optional(Type.Object({ first: port, last: port }, closed));
const interfaceName = Type.String({ minLength: 1, maxLength: 15 });

export const markRule = Type.Object(
  {
    family,
    protocol: Type.Optional(protocol),
    target: prefix,
    source: prefix,
    targetPorts: ports,
    sourcePorts: ports,
    interface: Type.Optional(interfaceName),
    value: number(0, maxMark),
    mask: number(0, maxMark),
    final: Type.Boolean(),
  },
  closed,
);
const markRules = Type.Array(markRule);

const syncSettings = {
  ...{ group: address, port: number(1, 0xffff), ttl: number(1, 255), maxLength: number(1, maxSyncLength) },
};
const syncKey = { role: oneOf(syncRoles), interface: interfaceName, syncId: number(0, 255) };
const syncDaemon = Type.Object(
  {
    ...syncKey,
    group: Type.Optional(syncSettings.group),
    port: Type.Optional(syncSettings.port),
    ttl: Type.Optional(syncSettings.ttl),
    maxLength: Type.Optional(syncSettings.maxLength),
  },
  closed,
);
export const syncDaemonAnswer = Type.Object({ ...syncKey, ...syncSettings });

const path = Type.String({ pattern: '^/', maxLength: 4096 });

const apiListener = Type.Object(
  {
    address,
    port: number(1, 0xffff),
    place: oneOf(listenerPlaces),
    tls: Type.Optional(Type.Object({ certificate: path, key: path, clientCa: Type.Optional(path) }, closed)),
    plainText: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export const apiSettings = Type.Object(
  {
    listeners: Type.Array(apiListener, { maxItems: maxListeners }),
    tokens: path,
    rate: number(1, maxRate),
  },
  closed,
);

export const vip = Type.Object({ interface: interfaceName, address, length: number(1, 128) }, closed);

const seconds = number(0, maxTimeoutSeconds);

const serviceText = Type.String({ pattern: '^(tcp|udp|sctp|mark6?):', maxLength: 64 });
const service = Type.Object({ service: serviceText });
const destination = Type.Object({ service: serviceText, destination: Type.String({ maxLength: 64 }) });

const word = Type.String({ maxLength: 64 });

const connectionQuery = Type.Object(
  Object.fromEntries(filterNames.map((name) => [name, Type.Optional(Type.String({ maxLength: 200 }))])),
  closed,
);

export type RouteSchemas = {
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly body?: TSchema;
};

type Several = 'batch' | 'transaction';

const routeSchemas: Readonly<Record<Exclude<RouteName, Several>, RouteSchemas>> = {
  listServices: {},
  getConfiguration: {},
  getWanted: {},
  getHealth: {},
  summarizeHealth: {},
  getHealthPlan: {},
  replaceHealth: { body: healthPlan },
  getServiceConfiguration: { params: service },
  addService: { body: newService },
  flush: {},
  getService: { params: service },
  editService: { params: service, body: Type.Object(serviceSettings, closed) },
  deleteService: { params: service },
  addDestination: { params: service, body: newDestination },
  editDestination: { params: destination, body: Type.Object(destinationSettings, closed) },
  deleteDestination: { params: destination },
  enableDestination: { params: destination },
  resetDestination: { params: destination },
  zeroAll: {},
  zeroService: { params: service },
  getTimeouts: {},
  setTimeouts: { body: Type.Object({ tcp: seconds, tcpFin: seconds, udp: seconds }, closed) },
  listSyncDaemons: {},
  startSyncDaemon: { body: syncDaemon },
  stopSyncDaemon: { params: Type.Object({ role: oneOf(syncRoles) }) },
  getSysctls: {},
  setSysctls: { body: Type.Record(Type.String({ maxLength: 64 }), Type.Integer()) },
  listMarkRules: {},
  addMarkRules: {
    body: Type.Object({ rules: markRules, position: Type.Optional(number(1, maxMarkRules)) }, closed),
  },
  replaceMarkRules: { body: markRules },
  deleteMarkRule: { params: Type.Object({ number: Type.String({ pattern: '^[1-9][0-9]{0,4}$' }) }) },
  listVips: {},
  addVip: { body: vip },
  deleteVip: { params: Type.Object({ interface: interfaceName, vip: Type.String({ maxLength: 64 }) }) },
  getApi: {},
  setApi: { body: apiSettings },
  listConnections: { querystring: connectionQuery },
  countConnections: { querystring: connectionQuery },
  notForwarded: {},
  summarizeServices: {},
  listNeighbours: {},
  status: {},
  getDescription: {},
  setHookMode: {
    params: Type.Object({ interface: interfaceName }),
    body: Type.Object({ mode: oneOf(hookModes) }, closed),
  },
  reload: {},
  unload: {},
  metrics: {
    querystring: Type.Object({ 'collect[]': Type.Optional(Type.Union([word, Type.Array(word)])) }, closed),
  },
  healthz: { querystring: Type.Object({ live: Type.Optional(word) }, closed) },
  events: { querystring: Type.Object({ since: Type.Optional(word) }, closed) },
};

/** One change among several. */
function among(route: BatchedRoute | TransactionRoute): TSchema {
  const { params, body } = routeSchemas[route];
  return Type.Object(
    { route: Type.Literal(route), ...(params && { params }), ...(body && { body }) },
    closed,
  );
}

/** One change of a transaction, which are checked as they arrive (list-body.ts). */
export const transactionCall: TSchema = Type.Union(transactionRoutes.map(among));

export const schemas: Readonly<Record<RouteName, RouteSchemas>> = {
  ...routeSchemas,
  batch: { body: Type.Array(Type.Union(batchedRoutes.map(among)), { maxItems: maxBatch }) },
  transaction: { body: Type.Array(transactionCall, { maxItems: maxTransaction }) },
};
