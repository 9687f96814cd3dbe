/** The API's description (OpenAPI 3.1), made of the route table and its schemas. Pure. */

import type { TSchema } from 'typebox';
import { type ErrorCode, errorTable } from '../ipvs/errors.ts';
import * as answered from './answers.ts';
import { problemMediaType } from './problem.ts';
import { type PageName, type RouteName, routes } from './routes.ts';
import { type RouteSchemas, schemas } from './schemas.ts';
import { summaries } from './summaries.ts';

type Json = { readonly [key: string]: unknown };

/** Refusals that any request may meet; those without a body or a change, too. */
const always: readonly ErrorCode[] = [
  ...(['BAD_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'REQUEST_TOO_SLOW', 'NAMESPACE_GONE'] as const),
  ...(['TOO_MANY_REQUESTS', 'HEADERS_TOO_LARGE', 'SYSTEM_CALL', 'BUSY'] as const),
];
const ofBodies: readonly ErrorCode[] = ['BODY_TOO_LARGE', 'NOT_JSON'];
const ofChanges: readonly ErrorCode[] = [
  'SERVICE_NOT_FOUND',
  'SERVICE_EXISTS',
  'CONFIGURATION_CHANGED',
  'OUT_OF_MEMORY',
  'CONFIGURATION_REFUSED',
];

/** What stands in several places, by name. */
const named: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [answered.counters, 'Counters'],
  [answered.rates, 'Rates'],
  [answered.destination, 'Destination'],
  [answered.serviceConfiguration, 'ServiceConfiguration'],
  [answered.serviceStatus, 'ServiceStatus'],
  [answered.connection, 'Connection'],
  [answered.notForwarded, 'NotForwarded'],
  [answered.healthStatus, 'HealthStatus'],
  [answered.status, 'DirectorStatus'],
]);

export function describeApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const name of Object.keys(routes) as RouteName[]) {
    const { path, method } = routes[name];
    const place = path.replace(/:([a-z]+)/g, '{$1}');
    paths[place] = { ...paths[place], [method.toLowerCase()]: operation(name) };
  }
  const definitions = [...named].map(([schema, name]) => [name, referring(schema, true)]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairlead',
      version,
      description:
        'The director of one network namespace: virtual services, real servers, settings and what happens to them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'fairlead token create' } },
      schemas: { Problem: problem, ...Object.fromEntries(definitions) },
      headers: { ETag: { description: 'Of the configuration as it is now', schema: { type: 'string' } } },
    },
  };
}

const problem: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { enum: Object.keys(errorTable) },
    detail: { type: 'string' },
  },
};

function operation(name: RouteName): Json {
  const { role, method } = routes[name];
  const { params, querystring, body } = schemas[name];
  const isChange = method !== 'GET';
  const match = { name: 'If-Match', in: 'header', schema: { type: 'string' } };
  const parameters = [
    ...parametersOf('path', params),
    ...parametersOf('query', querystring),
    ...(isChange
      ? [{ ...match, description: 'An ETag: the change is made to that configuration or refused (412)' }]
      : []),
  ];
  return {
    operationId: name,
    summary: summaries[name],
    ...(role === 'local' && { description: 'For root alone, on the unix socket.' }),
    security: [{ token: [role] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: referring(body) } } },
    }),
    responses: { ...successOf(name), ...refusalsOf(schemas[name], isChange) },
  };
}

function parametersOf(where: 'path' | 'query', schema: TSchema | undefined): readonly Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, each]) => ({
    ...{ name, in: where, schema: referring(each) },
    ...((where === 'path' || required.includes(name)) && { required: true }),
  }));
}

function successOf(name: RouteName): Json {
  const route = routes[name];
  const headers = 'tagged' in route ? { headers: { ETag: { $ref: '#/components/headers/ETag' } } } : {};
  if ('page' in route) {
    const types = answered.pageTypes[name as PageName];
    const content = Object.fromEntries(types.map((type) => [type, {}]));
    return {
      200: { description: route.page, content },
      ...(name === 'healthz' && { 503: { description: 'It does not', content } }),
    };
  }
  const schema = answered.answers[name as Exclude<RouteName, PageName>];
  if (!schema) return { 204: { description: 'Done' } };
  const type = 'stream' in route ? 'application/x-ndjson' : 'application/json';
  return {
    200: {
      description: 'What was asked for',
      ...headers,
      content: { [type]: { schema: referring(schema) } },
    },
    ...('tagged' in route && { 304: { description: 'As it was (If-None-Match)', ...headers } }),
  };
}

function refusalsOf({ params, body }: RouteSchemas, isChange: boolean): Json {
  const codes = [
    ...always,
    ...(params ? (['SERVICE_NOT_FOUND'] as const) : []),
    ...(body ? ofBodies : []),
    ...(isChange ? ofChanges : []),
  ];
  const statuses = new Set(codes.map((code) => errorTable[code].status));
  const content = { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } };
  const retry = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } };
  return Object.fromEntries(
    [...statuses]
      .sort((a, b) => a - b)
      .map((status) => [
        status,
        { description: 'Refused', content, ...((status === 429 || status === 503) && { headers: retry }) },
      ]),
  );
}

/** The schema as JSON, with references to what has a name. */
function referring(value: unknown, isDefinition = false): unknown {
  const name = named.get(value);
  if (name !== undefined && !isDefinition) return { $ref: `#/components/schemas/${name}` };
  if (Array.isArray(value)) return value.map((each) => referring(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, referring(each)]));
}
