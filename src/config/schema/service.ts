/** Services and real servers as the file has them. */

import { type Static, Type } from 'typebox';
import { onFailures, panics } from '../../health/plan.ts';
import { type Scheduler, schedulers } from '../../ipvs/schedulers.ts';
import { maxMark, maxThreshold, maxWeight } from '../../ipvs/service.ts';
import { checkList } from './checks.ts';
import {
  closed,
  duration,
  endpoints,
  method,
  name,
  oneOf,
  optional,
  schedulerFlags,
  serverAddress,
  tunnel,
} from './types.ts';

const weight = Type.Integer({ minimum: 0, maximum: maxWeight, title: 'a weight' });
const threshold = Type.Integer({ minimum: 0, maximum: maxThreshold, title: 'a number of connections' });
const yesNo = Type.Boolean({ title: 'true or false' });

const server = Type.Object(
  {
    address: serverAddress,
    weight: optional(
      weight,
      'share of new connections, 0 for none; left out, it stays as it is, or begins with 1',
    ),
    method: optional(method, "how packets get there (the service's method)"),
    tunnel: optional(tunnel, 'how packets are wrapped, with the method ipip'),
    upper_threshold: optional(threshold, 'connections at which no new ones come (0: never)'),
    lower_threshold: optional(threshold, 'connections below which new ones come again (0: 3/4 of the upper)'),
    checks: optional(checkList, "instead of the service's"),
  },
  { ...closed, title: 'a real server, like 10.0.0.11 or {address: 10.0.0.11, weight: 2}' },
);

const sorryServer = Type.Object(
  {
    address: serverAddress,
    method: optional(method, "how packets get there (the service's method)"),
    tunnel: optional(tunnel, 'how packets are wrapped, with the method ipip'),
  },
  { ...closed, title: 'a sorry server, like 10.0.0.99' },
);

const mark = Type.Integer({ minimum: 1, maximum: maxMark, title: 'a firewall mark' });
const marks = Type.Union([mark, Type.Array(mark, { minItems: 1 })], {
  title: 'a firewall mark, or a list of them',
});

const netmask = Type.Union([Type.Integer({ minimum: 1, maximum: 128 }), Type.String()], {
  title: 'a netmask, like 255.255.255.0 or 24',
});

const persistence = Type.Object(
  {
    timeout: optional(duration, 'how long a client stays with its real server (6m)'),
    netmask: optional(netmask, 'clients that are taken for one (each is its own)'),
    engine: optional(oneOf(['sip'] as const, 'a persistence engine'), 'what else binds: calls of SIP'),
  },
  { ...closed, title: 'persistence, like 5m or {timeout: 5m, netmask: 255.255.255.0}' },
);
const persistenceOrTime = Type.Union([...duration.anyOf, persistence], {
  title: 'persistence: a time like 5m, or {timeout: 5m, netmask: 255.255.255.0}',
});

const family = Type.Union([Type.Literal(4), Type.Literal(6)], { title: 'the family of a mark' });
const servers = Type.Array(Type.Union([serverAddress, server], { title: 'a real server, like 10.0.0.11' }), {
  title: 'a list of real servers',
});
const quorum = Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[0-9]{1,3}%$' })], {
  title: 'a weight, or a share like 50%',
});
const sorry = Type.Union([serverAddress, sorryServer], { title: 'a sorry server, like 10.0.0.99' });

export const service = Type.Object(
  {
    name: optional(name, 'what commands and maintenance files call the service'),
    tcp: optional(endpoints, 'virtual addresses with ports: a service for each, otherwise alike'),
    udp: optional(endpoints, 'virtual addresses with ports: a service for each, otherwise alike'),
    sctp: optional(endpoints, 'virtual addresses with ports: a service for each, otherwise alike'),
    mark: optional(marks, 'firewall marks: a service for each, otherwise alike'),
    family: optional(family, 'of services by mark (4)'),
    scheduler: optional(oneOf<Scheduler>(schedulers, 'a scheduler'), 'who gets a new connection (wlc)'),
    flags: optional(schedulerFlags, 'how the scheduler works'),
    persistence: optional(persistenceOrTime, 'how long a client stays with its real server (not at all)'),
    one_packet: optional(yesNo, 'whether each datagram is scheduled by itself (false)'),
    method: optional(method, 'how packets get to the real servers (gate)'),
    tunnel: optional(tunnel, 'how packets are wrapped, with the method ipip'),
    servers: optional(servers, 'the real servers'),
    checks: optional(checkList, 'what a real server must pass, all of it'),
    on_failure: optional(
      oneOf(onFailures, 'what becomes of a real server that fails'),
      'remove: it leaves the table; quiesce: its weight becomes 0 (remove)',
    ),
    quorum: optional(quorum, 'weight of healthy real servers that is enough (1)'),
    hysteresis: optional(
      Type.Integer({ minimum: 0, title: 'a weight' }),
      'weight above the quorum with which a lost one is back (0)',
    ),
    panic: optional(
      oneOf(panics, 'what serves without a quorum'),
      'without a quorum: the sorry server, all real servers, or none (sorry, if there is one)',
    ),
    sorry_server: optional(sorry, 'serves when there is no quorum'),
    reset_connections: optional(
      yesNo,
      'whether the TCP connections of a real server that fails end at once (false); flows of UDP do in any case',
    ),
    slow_start: optional(duration, 'how long a real server that comes up takes to its full share (0)'),
  },
  { ...closed, title: 'a service, like {tcp: 192.0.2.10:80, servers: [10.0.0.11]}' },
);

export type ServiceEntry = Static<typeof service>;
export type ServerEntry = Static<typeof server>;
