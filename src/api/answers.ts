/** JSON Schemas of what the API answers, by route: for its description, and for whoever wants to check an answer. */

import { type TSchema, Type } from 'typebox';
import { claimKinds } from '../ipvs/claim.ts';
import { hookModes } from '../ipvs/interface.ts';
import { neighbourStates } from '../ipvs/neighbour.ts';
import { sysctlNames } from '../ipvs/sysctl.ts';
import { serverStates } from './health.ts';
import type { PageName, RouteName } from './routes.ts';
import {
  address,
  apiSettings,
  destinationSettings,
  healthPlan,
  markRule,
  oneOf,
  port,
  serviceKeys,
  serviceSettings,
  syncDaemonAnswer,
  vip,
} from './schemas.ts';

const count = Type.Integer({ minimum: 0 });
const text = Type.String();
const numbers = (...names: readonly string[]): TSchema =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Number({ minimum: 0 })])));

export const counters = numbers('connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes');
export const rates = numbers(
  ...['connectionsPerSecond', 'inPacketsPerSecond', 'outPacketsPerSecond'],
  ...['inBytesPerSecond', 'outBytesPerSecond'],
);

/** A service by address or by mark, with more about it. */
const services = (more: Readonly<Record<string, TSchema>>): TSchema =>
  Type.Union(serviceKeys.map((key) => Type.Object({ ...key, ...serviceSettings, ...more })));

export const destination = Type.Object({ address, port, ...destinationSettings });
const destinationStatus = Type.Object({
  ...{ address, port, ...destinationSettings },
  ...{ activeConnections: count, inactiveConnections: count, persistentConnections: count },
  ...{ counters, rates },
});
export const serviceConfiguration = services({ destinations: Type.Array(destination) });
export const serviceStatus = services({ counters, rates, destinations: Type.Array(destinationStatus) });

const endpoint = Type.Object({ address, port });
export const connection = Type.Object({
  template: Type.Boolean(),
  protocol: oneOf(['tcp', 'udp', 'sctp', 'ip']),
  family: oneOf([4, 6]),
  state: text,
  expiresInSeconds: count,
  ...{ client: endpoint, virtual: endpoint, destination: endpoint },
  method: oneOf(['gate', 'ipip', 'masq', 'local']),
  engine: Type.Optional(Type.Object({ name: Type.Literal('sip'), data: text })),
});

const example = Type.Object({
  ...{ secondsAgo: Type.Number({ minimum: 0 }), protocol: count, client: text, virtual: text },
  ...{ interface: Type.Optional(text), bytes: count },
});
export const notForwarded = Type.Record(
  text,
  Type.Object({ packets: count, perSecond: Type.Number({ minimum: 0 }), example: Type.Optional(example) }),
);

const networkInterface = Type.Object({
  ...{ index: count, name: text, mode: oneOf(hookModes), hooks: Type.Array(oneOf(['tc', 'xdp'])) },
  note: Type.Optional(text),
});

const claim = Type.Object({
  ...{ vip: address, mac: text, interface: text, kinds: Type.Array(oneOf(claimKinds)), count },
  ...{ firstSecondsAgo: Type.Number({ minimum: 0 }), lastSecondsAgo: Type.Number({ minimum: 0 }) },
});

const sysctls = Type.Object(Object.fromEntries(sysctlNames.map((name) => [name, Type.Integer()])));

export const status = Type.Object({
  ...{ version: text, pid: count, configuration: text, object: text, isSupervised: Type.Boolean() },
  configurationFile: Type.Optional(text),
  ...{ namespace: count, interfaces: Type.Array(networkInterface), services: count, markRules: count },
  sysctls: Type.Partial(sysctls),
  connections: Type.Object({
    ...{ count, limit: count, halfOpen: count, halfOpenLimit: count, stateless: Type.Boolean() },
  }),
  notForwarded,
  claims: Type.Array(claim),
});

const check = Type.Object({
  ...{ name: text, verdict: oneOf(['up', 'down', 'unknown']), passed: count, failed: count },
  ...{
    latencyMs: Type.Optional(Type.Number({ minimum: 0 })),
    said: Type.Optional(text),
    at: Type.Optional(text),
    problem: Type.Optional(text),
  },
});
const serverHealth = Type.Object({
  ...{ server: text, state: oneOf(serverStates), since: text, reason: text, wanted: count },
  ...{ weight: Type.Optional(count), share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })) },
  checks: Type.Array(check),
});
const quorum = {
  ...{ service: text, name: Type.Optional(text), hasQuorum: Type.Boolean(), weight: count },
  ...{ needed: Type.Number({ minimum: 0 }), isSorry: Type.Boolean() },
};
const serviceHealth = Type.Object({ ...quorum, servers: Type.Array(serverHealth) });
export const healthStatus = Type.Object({ services: Type.Array(serviceHealth), jobs: count });

const healthSummary = Type.Object({
  ...{ servers: count, serving: count, withoutQuorum: count, blind: count, jobs: count },
  out: Type.Array(Type.Object({ service: text, name: Type.Optional(text), server: serverHealth })),
  quorumless: Type.Array(Type.Object(quorum)),
  blindOne: Type.Optional(Type.Object({ service: text, server: text, problem: text })),
});

const serviceSummary = Type.Object({
  ...{ service: text, scheduler: text, servers: count, available: count },
  ...{ activeConnections: count, inactiveConnections: count, persistentConnections: count },
  ...{ counters, rates },
});
const neighbour = Type.Object({
  ...{ address, interface: text, state: oneOf(neighbourStates), mac: Type.Optional(text) },
});

const refusal = { code: text, detail: Type.Optional(text) };
const timeouts = Type.Object({ tcp: count, tcpFin: count, udp: count });

/** Of what a stream answers, one line. `undefined`: nothing (204). */
export const answers: Readonly<Record<Exclude<RouteName, PageName>, TSchema | undefined>> = {
  listServices: Type.Array(serviceStatus),
  getConfiguration: Type.Array(serviceConfiguration),
  getServiceConfiguration: serviceConfiguration,
  getWanted: Type.Array(serviceConfiguration),
  getHealth: healthStatus,
  summarizeHealth: healthSummary,
  getHealthPlan: healthPlan,
  replaceHealth: undefined,
  batch: Type.Array(Type.Union([Type.Null(), Type.Object(refusal)])),
  transaction: Type.Object({
    refused: Type.Union([Type.Null(), Type.Object({ index: Type.Optional(count), ...refusal })]),
  }),
  addService: undefined,
  flush: undefined,
  getService: serviceStatus,
  editService: undefined,
  deleteService: undefined,
  addDestination: undefined,
  editDestination: undefined,
  deleteDestination: undefined,
  enableDestination: undefined,
  resetDestination: Type.Object({ connections: count }),
  zeroAll: undefined,
  zeroService: undefined,
  getTimeouts: timeouts,
  setTimeouts: undefined,
  listSyncDaemons: Type.Array(syncDaemonAnswer),
  startSyncDaemon: undefined,
  stopSyncDaemon: undefined,
  getSysctls: sysctls,
  setSysctls: undefined,
  listMarkRules: Type.Array(markRule),
  addMarkRules: undefined,
  replaceMarkRules: undefined,
  deleteMarkRule: undefined,
  listVips: Type.Array(vip),
  addVip: undefined,
  deleteVip: undefined,
  getApi: apiSettings,
  setApi: undefined,
  listConnections: connection,
  countConnections: Type.Object({ connections: count }),
  summarizeServices: Type.Array(serviceSummary),
  listNeighbours: neighbour,
  notForwarded,
  status,
  setHookMode: undefined,
  reload: Type.Object({ file: text, changes: count, summary: text }),
  unload: undefined,
  getDescription: Type.Object({ openapi: text }),
};

/** What a page is, as `Content-Type` has it. */
export const pageTypes: Readonly<Record<PageName, readonly string[]>> = {
  metrics: ['text/plain', 'application/openmetrics-text'],
  healthz: ['application/json'],
  events: ['text/event-stream'],
};
