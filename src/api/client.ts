/** The command line's side of the API: typed calls over the namespace's unix socket. */

import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { type ErrorCode, errorTable, FairleadError } from '../ipvs/errors.ts';
import {
  type RouteAnswer,
  type RouteElement,
  type RouteInput,
  type RouteName,
  routePath,
  routes,
} from './routes.ts';

export type Client = {
  /** One request, one answer. Throws FairleadError: the director's code, or DIRECTOR_UNREACHABLE. */
  call<N extends RouteName>(name: N, input: RouteInput<N>): Promise<RouteAnswer<N>>;
  /** The elements of a streaming route as they arrive. */
  stream<N extends RouteName>(name: N, input: RouteInput<N>): AsyncGenerator<RouteElement<N>>;
};

/** A client of the director that listens on `socketPath`. Nothing is opened before the first call. */
export function createClient(socketPath: string): Client {
  return {
    async call(name, input) {
      const response = await send(socketPath, name, input);
      const text = await readAll(response);
      return text === '' ? undefined : JSON.parse(text);
    },
    async *stream(name, input) {
      const response = await send(socketPath, name, input);
      for await (const line of createInterface({ input: response })) yield JSON.parse(line);
    },
  };
}

async function send(
  socketPath: string,
  name: RouteName,
  input: { readonly params?: Readonly<Record<string, string>> | undefined; readonly body?: unknown },
): Promise<IncomingMessage> {
  const route = routes[name];
  const body = input.body === undefined ? undefined : JSON.stringify(input.body);
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const path = routePath(route.path, input.params);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing: ClientRequest = request({
      socketPath,
      path,
      method: route.method,
      headers,
      agent: false,
    });
    outgoing.on('response', resolve);
    outgoing.on('error', (cause: NodeJS.ErrnoException) => reject(unanswered(cause)));
    outgoing.end(body);
  });
  if ((response.statusCode ?? 500) >= 400) throw problem(await readAll(response));
  return response;
}

/** Whether an error says that the request was never received, so that it may be sent again. */
export function isUnsent(error: unknown): boolean {
  return error instanceof FairleadError && (error.cause as NodeJS.ErrnoException)?.syscall === 'connect';
}

function unanswered(cause: NodeJS.ErrnoException): FairleadError {
  const detail = cause.syscall === 'connect' ? cause.message : 'it ended while it was asked';
  return new FairleadError('DIRECTOR_UNREACHABLE', detail, { cause });
}

function problem(text: string): FairleadError {
  const { code, detail } = JSON.parse(text) as { code?: string; detail?: string };
  const known = code !== undefined && Object.hasOwn(errorTable, code);
  return new FairleadError(known ? (code as ErrorCode) : 'SYSTEM_CALL', detail ?? (known ? undefined : text));
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk;
  return text;
}
