/** JSON Schemas of what the API accepts, by route. Only the server loads them. */

import { type TSchema, Type } from 'typebox';
import { hookModes } from '../ipvs/interface.ts';
import { schedulerFlags } from '../ipvs/schedulers.ts';
import { maxWeight } from '../ipvs/service.ts';
import { maxTimeoutSeconds } from '../ipvs/timeouts.ts';
import type { RouteName } from './routes.ts';

const address = Type.String({ format: 'ipv4' });
const port = Type.Integer({ minimum: 1, maximum: 0xffff });
const protocol = Type.Union([Type.Literal('tcp'), Type.Literal('udp')]);
const scheduler = Type.String({ minLength: 1, maxLength: 15 });
const flags = Type.Array(Type.Union(schedulerFlags.map((flag) => Type.Literal(flag))), { uniqueItems: true });
const method = Type.Literal('gate');
const weight = Type.Integer({ minimum: 0, maximum: maxWeight });
const seconds = Type.Integer({ minimum: 0, maximum: maxTimeoutSeconds });

const serviceText = Type.String({ pattern: '^(tcp|udp):[0-9.]{7,15}:[0-9]{1,5}$' });
const destinationText = Type.String({ pattern: '^[0-9.]{7,15}:[0-9]{1,5}$' });
const service = Type.Object({ service: serviceText });
const destination = Type.Object({ service: serviceText, destination: destinationText });
const closed = { additionalProperties: false };

export type RouteSchemas = { readonly params?: TSchema; readonly body?: TSchema };

export const schemas: Readonly<Record<RouteName, RouteSchemas>> = {
  listServices: {},
  addService: { body: Type.Object({ protocol, address, port, scheduler, flags }, closed) },
  flush: {},
  getService: { params: service },
  editService: { params: service, body: Type.Object({ scheduler, flags }, closed) },
  deleteService: { params: service },
  addDestination: { params: service, body: Type.Object({ address, port, method, weight }, closed) },
  editDestination: { params: destination, body: Type.Object({ method, weight }, closed) },
  deleteDestination: { params: destination },
  zeroAll: {},
  zeroService: { params: service },
  getTimeouts: {},
  setTimeouts: { body: Type.Object({ tcp: seconds, tcpFin: seconds, udp: seconds }, closed) },
  listConnections: {},
  status: {},
  setHookMode: {
    params: Type.Object({ interface: Type.String({ minLength: 1, maxLength: 15 }) }),
    body: Type.Object({ mode: Type.Union(hookModes.map((mode) => Type.Literal(mode))) }, closed),
  },
  unload: {},
};
