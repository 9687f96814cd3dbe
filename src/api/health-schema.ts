/** JSON Schema of a plan of health checks, as the API takes it. Octets are `{"octets": "<base64>"}`. */

import { type TProperties, type TSchema, Type } from 'typebox';
import { checkStarts, checkVias, dnsTypes, httpMethods, smtpTls } from '../health/check.ts';
import { onFailures, panics } from '../health/plan.ts';
import { maxWeight } from '../ipvs/service.ts';

const closed = { additionalProperties: false };
const { Optional: optional } = Type;
const oneOf = (values: readonly string[]): TSchema => Type.Union(values.map((value) => Type.Literal(value)));
const number = (minimum: number, maximum: number): TSchema => Type.Integer({ minimum, maximum });
const text = Type.String({ maxLength: 65_536 });
const yesNo = Type.Boolean();
const address = Type.Union([Type.String({ format: 'ipv4' }), Type.String({ format: 'ipv6' })]);
const day = 86_400_000;

const tls = Type.Object(
  { name: optional(text), verify: yesNo, caFile: optional(text), daysLeft: number(0, 3650) },
  closed,
);
const status = Type.Array(Type.Object({ first: number(100, 599), last: number(100, 599) }, closed));
const reply = Type.Union([
  Type.Object({ kind: Type.Literal('any') }, closed),
  Type.Object({ kind: Type.Literal('pattern'), pattern: text }, closed),
]);
const octets = Type.Object({ octets: Type.String({ maxLength: 131_072 }) }, closed);
const headers = Type.Record(Type.String(), text);

/** A kind of probe with what it is told. */
const kind = (name: string, properties: TProperties): TSchema =>
  Type.Object({ kind: Type.Literal(name), ...properties }, closed);

const probe = Type.Union([
  kind('tcp', { send: optional(text), expect: optional(text) }),
  kind('http', {
    ...{ tls: optional(tls), method: oneOf(httpMethods), path: text, host: optional(text), headers, status },
    ...{ body: optional(text), redirects: number(0, 10) },
  }),
  kind('tls', { tls }),
  kind('dns', {
    ...{ name: text, type: oneOf(dnsTypes), transport: oneOf(['udp', 'tcp']), expect: optional(text) },
  }),
  kind('udp', { send: octets, expect: optional(reply) }),
  kind('smtp', { helo: text, tls: oneOf(smtpTls) }),
  kind('grpc', { service: text, authority: optional(text), tls: optional(tls) }),
  kind('ping', { bytes: number(0, 1400) }),
  kind('command', { run: Type.Array(text, { minItems: 1 }), user: optional(text), weighs: yesNo }),
  kind('file', { path: text, down: oneOf(['present', 'absent']) }),
]);

const single = Type.Object(
  {
    ...{ name: text, probe, port: optional(number(1, 0xffff)), address: optional(address) },
    ...{
      via: optional(oneOf(checkVias)),
      start: oneOf(checkStarts),
      jitter: Type.Number({ minimum: 0, maximum: 1 }),
    },
    ...{ intervalMs: Type.Number({ minimum: 100, maximum: day }) },
    ...{ timeoutMs: Type.Number({ minimum: 1, maximum: day }), rise: number(1, 1000), fall: number(1, 1000) },
  },
  closed,
);

/** Checks that are made of others, so many levels of them. */
function checkOf(levels: number): TSchema {
  if (levels === 0) return single;
  const checks = Type.Array(checkOf(levels - 1));
  return Type.Union([single, Type.Object({ name: text, combine: oneOf(['all', 'any']), checks }, closed)]);
}

const mostLevels = 4;
const places = Type.Array(number(0, 0xffff));

const servicePlan = (destination: TSchema): TSchema =>
  Type.Object(
    {
      ...{ service: Type.String({ maxLength: 64 }), name: optional(text), checks: places },
      ...{ own: Type.Record(Type.String(), places), onFailure: oneOf(onFailures), resetConnections: yesNo },
      quorum: Type.Object({ kind: oneOf(['weight', 'percent']), value: number(1, maxWeight) }, closed),
      ...{ hysteresis: number(0, maxWeight), panic: oneOf(panics), sorry: optional(destination) },
      slowStartMs: Type.Number({ minimum: 0, maximum: day }),
    },
    closed,
  );

/** `destination`: the schema of a real server. */
export function healthPlanSchema(destination: TSchema): TSchema {
  const services = Type.Array(servicePlan(destination));
  const maintenance = optional(Type.String({ pattern: '^/' }));
  return Type.Object({ checks: Type.Array(checkOf(mostLevels)), services, maintenance }, closed);
}
