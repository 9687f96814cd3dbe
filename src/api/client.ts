/** The command line's side of the API: typed calls over the namespace's unix socket. */

import { type ErrorCode, errorTable, FairleadError } from '../ipvs/errors.ts';
import { type Request, type Response, request } from './http.ts';
import {
  type PageName,
  type Query,
  type RouteAnswer,
  type RouteElement,
  type RouteInput,
  type RouteName,
  routePath,
  routes,
} from './routes.ts';

/** A change is made only to the configuration of this ETag: else CONFIGURATION_CHANGED. */
export type Condition = { readonly ifMatch: string };

export type PageInput<N extends PageName> = RouteInput<N> & Pick<Request, 'headers'>;

export type Client = {
  /** One request, one answer. Throws FairleadError: the director's code, or DIRECTOR_UNREACHABLE. */
  call<N extends RouteName>(name: N, input: RouteInput<N>, condition?: Condition): Promise<RouteAnswer<N>>;
  /** The elements of a streaming route, as many at a time as have arrived. */
  stream<N extends RouteName>(name: N, input: RouteInput<N>): AsyncGenerator<readonly RouteElement<N>[]>;
  /** What a route answers that is no JSON, in pieces as they arrive. */
  page<N extends PageName>(name: N, input: PageInput<N>): AsyncGenerator<Buffer>;
};

/** A client of the director that listens on `socketPath`. Nothing is opened before the first call. */
export function createClient(socketPath: string): Client {
  return {
    async call(name, input, condition) {
      const response = await send(socketPath, name, input, condition);
      const text = await readAll(response);
      return text === '' ? undefined : JSON.parse(text);
    },
    async *stream(name, input) {
      const response = await send(socketPath, name, input);
      for await (const lines of wholeLines(response)) yield lines.map((line) => JSON.parse(line));
    },
    async *page(name, input) {
      yield* arriving((await send(socketPath, name, input)).body);
    },
  };
}

async function send(
  socketPath: string,
  name: RouteName,
  input: {
    readonly params?: Readonly<Record<string, string>> | undefined;
    readonly query?: Query | undefined;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
  condition?: Condition,
): Promise<Response> {
  const { method, path } = routes[name];
  const body = input.body === undefined ? {} : { body: JSON.stringify(input.body) };
  const response = await request(socketPath, {
    method,
    path: routePath(path, input.params, input.query),
    ...body,
    ...condition,
    ...(input.headers && { headers: input.headers }),
  }).catch(unanswered);
  if (response.status >= 400) throw problem(await readAll(response));
  return response;
}

/** Whether an error says that the request was never received, so that it may be sent again. */
export function isUnsent(error: unknown): boolean {
  return error instanceof FairleadError && (error.cause as NodeJS.ErrnoException)?.syscall === 'connect';
}

function unanswered(cause: NodeJS.ErrnoException): never {
  const detail = cause.syscall === 'connect' ? cause.message : 'it ended while it was asked';
  throw new FairleadError('DIRECTOR_UNREACHABLE', detail, { cause });
}

function problem(text: string): FairleadError {
  const { code, detail } = JSON.parse(text) as { code?: string; detail?: string };
  const known = code !== undefined && Object.hasOwn(errorTable, code);
  return new FairleadError(known ? (code as ErrorCode) : 'SYSTEM_CALL', detail ?? (known ? undefined : text));
}

async function readAll({ body }: Response): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of arriving(body)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** The lines that have come to their end with each piece. */
async function* wholeLines({ body }: Response): AsyncGenerator<readonly string[]> {
  let begun: Buffer[] = [];
  for await (const piece of arriving(body)) {
    const end = piece.lastIndexOf('\n');
    if (end >= 0) {
      yield Buffer.concat([...begun, piece.subarray(0, end)])
        .toString()
        .split('\n');
      begun = [];
    }
    begun.push(piece.subarray(end + 1));
  }
}

async function* arriving(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    unanswered(error as NodeJS.ErrnoException);
  }
}
