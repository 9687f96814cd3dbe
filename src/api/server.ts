/** The server's side of the route table: HTTP on a unix socket, bodies checked, refusals as problem+json. */

import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server as NodeServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyListenOptions,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { FairleadError } from '../ipvs/errors.ts';
import type { LogFields } from '../ipvs/log.ts';
import { chunks, isLazy, json, type Lazily, lines } from './answer-pieces.ts';
import { auditOf, callsOf } from './audit.ts';
import { type Caller, localCaller, mayCall } from './caller.ts';
import type { Changes } from './changes.ts';
import { checkIfMatch, isKnown } from './conditions.ts';
import { type ListLimits, readList } from './list-body.ts';
import type { Page, PageRequest } from './page.ts';
import { coded, problemMediaType, problemOf } from './problem.ts';
import {
  type PageName,
  type Role,
  type RouteAnswer,
  type RouteElement,
  type RouteInput,
  type RouteName,
  routes,
} from './routes.ts';
import { schemas, transactionCall } from './schemas.ts';
import { maxTransaction } from './transaction.ts';
import { takeTurns } from './turns.ts';
import { validatorOf } from './validator.ts';

/**
 * A list may be given one by one: then it is never in memory as a whole. A stream's elements come some at a time, or none: whoever
 * looks for few among many gives others their turns by it.
 */
type Answered<N extends RouteName> = [RouteElement<N>] extends [never]
  ? Lazily<RouteAnswer<N>>
  : Iterable<readonly RouteElement<N>[]>;

/** The routes that have to wait for something: others are served meanwhile. Changes, */
type LateChange = 'reload' | 'transaction' | 'replaceHealth';
/** and what has counts of connections in it, which are to be of this moment. */
type LateListing =
  | ('listServices' | 'getService' | 'summarizeServices' | 'status')
  | ('listConnections' | 'countConnections');

/** One function per route. They answer at once, but for those: each request is served whole before the next one begins. */
export type Handlers = {
  readonly [N in Exclude<RouteName, PageName | LateChange | LateListing>]: (
    input: RouteInput<N>,
  ) => Answered<N>;
} & { readonly [N in LateChange]: (input: RouteInput<N>) => Promise<RouteAnswer<N>> } & {
  readonly [N in LateListing]: (input: RouteInput<N>) => Promise<Answered<N>>;
} & {
  readonly [N in PageName]: (request: PageRequest) => Page;
};

/** A unix socket that only root may use: its path, or one that listens already. */
export type ListenOn = string | { readonly fd: number };

/** One request of somebody who has been let in. */
export type Serve = (request: IncomingMessage, response: ServerResponse, caller: Caller) => void;

export type Server = {
  listen(on: ListenOn): Promise<void>;
  /** A request that came another way. */
  readonly serve: Serve;
  /**
   * Answers what has been asked until now, then stops: no change is being made any more then, be its client gone. Nobody may find
   * the socket any more.
   */
  close(): Promise<void>;
};

export type ServerModules = {
  /** Runs ahead of every request, and of every change when it is its turn; may refuse it by throwing. */
  readonly before: () => void;
  /** The ETag of the configuration as it is now. */
  readonly tag: () => string;
  readonly changes: Changes;
  /** Told of every request that has been answered; `undefined` where no route fits. */
  readonly answered?: (route: RouteName | undefined, status: number) => void;
  /** Takes a line about each change that somebody else than root has asked for. */
  readonly audit?: (message: string, fields: LogFields) => void;
};

/** Room for a batch of the largest changes. */
const bodyBytes = 1 << 21;

/** Room for everything that a director can hold. */
const transactionBytes = 1 << 26;

/** Each change is checked by itself, as it arrives. */
function transactionLimits(): ListLimits {
  const check = validatorOf({ schema: transactionCall });
  return {
    bytes: transactionBytes,
    elements: maxTransaction,
    refusal(element) {
      const checked = check(element);
      return 'error' in checked ? checked.error.message : undefined;
    },
  };
}

/** How long a client may take to ask once it has connected, and to read what it is answered, when the server closes. */
const closeMilliseconds = 2_000;

export function createServer(
  handlers: Handlers,
  { before, tag, changes, answered, audit = () => {} }: ServerModules,
): Server {
  const app = fastify({
    bodyLimit: bodyBytes,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  const untilAllHaveAsked = askers(app.server);
  let isReady = false;
  app.addHook('onReady', (done) => {
    isReady = true;
    done();
  });
  const callers = new WeakMap<IncomingMessage, Caller>();
  const callerOf = ({ raw }: FastifyRequest): Caller => callers.get(raw) ?? localCaller;
  app.setValidatorCompiler(validatorOf);
  // Clients name the type of a body that they leave out; whether a route can do without one, its schema says.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, String(body), done);
  });
  app.addHook('onRequest', (_request, _reply, done) => {
    before();
    done();
  });
  const byUrl = new Map(
    namesOf(routes).map((name) => [placeOf(routes[name].method, routes[name].path), name]),
  );
  app.addHook('onResponse', (request, reply, done) => {
    const caller = callerOf(request);
    if (caller.role !== 'local' && request.method !== 'GET' && request.method !== 'HEAD')
      audit(...auditOf(caller, request, reply.statusCode));
    answered?.(byUrl.get(placeOf(request.method, request.routeOptions.url ?? '')), reply.statusCode);
    done();
  });
  const pages = new Set<AbortController>();
  const add = (to: FastifyInstance, name: RouteName): void => {
    const route = routes[name];
    to.route({
      method: route.method,
      url: route.path,
      ...(name === 'transaction' ? { bodyLimit: transactionBytes } : { schema: schemas[name] }),
      onRequest: (request, _reply, done) => {
        refuseUnless(callerOf(request), route.role);
        done();
      },
      preHandler: (request, _reply, done) => {
        if (name === 'transaction' && !Array.isArray(request.body))
          throw new FairleadError('BAD_REQUEST', 'body must be an array');
        if (name === 'batch' || name === 'transaction')
          for (const each of callsOf(request.body)) refuseUnless(callerOf(request), routes[each.route].role);
        done();
      },
      handler: (request, reply) => {
        const handle = handlers[name] as (input: unknown) => unknown;
        if (route.tagged) {
          const now = tag();
          reply.header('etag', now);
          if (isKnown(request.headers, now)) return reply.code(304).send();
        }
        const { params, query, body } = request;
        if (route.page !== undefined) {
          const signal = untilGone(reply, pages);
          return sendPage(reply, handle({ query, headers: request.headers, signal }) as Page);
        }
        const send = (answer: unknown): FastifyReply => {
          if (route.stream)
            return sendPieces(
              reply,
              'application/x-ndjson',
              lines(name, answer as Iterable<readonly unknown[]>),
            );
          if (isLazy(answer)) return sendPieces(reply, 'application/json; charset=utf-8', json(answer));
          return answer === undefined ? reply.code(204).send() : reply.send(answer);
        };
        const sendTagged = (answer: unknown): FastifyReply => {
          if (request.headers['if-match'] !== undefined) reply.header('etag', tag());
          return send(answer);
        };
        /** In its turn; the reloaded file's change then waits for its own. */
        const change = (): unknown => {
          before(); // those ahead of it may have taken their time, or the data plane away
          checkIfMatch(request.headers, tag);
          const answer = handle({ params, query, body });
          return answer instanceof Promise ? answer.then(sendTagged) : sendTagged(answer);
        };
        if (route.method === 'GET') {
          const answer = handle({ params, query, body });
          return answer instanceof Promise ? answer.then(send) : send(answer);
        }
        return name === 'reload' ? change() : changes.make(change);
      },
    });
  };
  for (const name of namesOf(routes)) if (name !== 'transaction') add(app, name);
  const limits = transactionLimits();
  void app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', (_request: FastifyRequest, body: IncomingMessage) =>
      readList(
        body,
        limits,
        takeTurns(() => performance.now()),
      ),
    );
    add(scope, 'transaction');
    done();
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => sendProblem(reply, coded(error)));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new FairleadError('ROUTE_NOT_FOUND', `${request.method} ${request.url}`)),
  );
  return {
    listen: async (on) => {
      if (typeof on !== 'string') {
        // Fastify asks where it listens, which Node does not know of a descriptor, and looks for more addresses of localhost
        // where it was told no other host.
        app.server.address = () => `descriptor ${on.fd}`;
        await app.listen({ ...on, host: 'given' } as FastifyListenOptions);
        return;
      }
      const mask = process.umask(0o177);
      try {
        await app.listen({ path: on });
      } finally {
        process.umask(mask);
      }
    },
    serve: (request, response, caller) => {
      callers.set(request, caller);
      if (isReady) app.routing(request, response);
      else app.ready(() => app.routing(request, response));
    },
    close: async () => {
      const timer = setTimeout(() => {
        void changes.settled().then(() => app.server.closeAllConnections());
      }, closeMilliseconds);
      await untilAllHaveAsked();
      for (const page of pages) page.abort();
      await app.close();
      clearTimeout(timer);
      await changes.settled();
    },
  };
}

function refuseUnless(caller: Caller, role: Role): void {
  if (!mayCall(caller, role))
    throw new FairleadError('FORBIDDEN', `it is for ${role === 'local' ? 'root, on the unix socket' : role}`);
}

/**
 * Resolves once all who have connected have asked, or gone. They are accepted one by one, a turn of the event loop
 * each; those that a server has not accepted, or not heard of yet, are cut off when it closes.
 */
function askers(server: NodeServer): () => Promise<void> {
  const silent = new Set<Socket>();
  const heard = new EventEmitter();
  let accepted = 0;
  const hear = (socket: Socket): void => {
    if (silent.delete(socket)) heard.emit('one');
  };
  server.on('connection', (socket) => {
    accepted++;
    silent.add(socket);
    socket.once('close', () => hear(socket));
  });
  server.on('request', ({ socket }) => hear(socket));
  return async () => {
    for (let before = -1; before !== accepted; ) {
      before = accepted;
      for (let turn = 0; turn < 2; turn++) await nextTurn(); // of which one is whole
    }
    while (silent.size > 0) await once(heard, 'one');
  };
}

function namesOf<T extends object>(table: T): readonly (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}

/** What is asked with HEAD is what GET would answer. */
function placeOf(method: string, path: string): string {
  return `${method === 'HEAD' ? 'GET' : method} ${path}`;
}

/** Fires when this client has gone; who holds `open` may fire it before. */
function untilGone({ raw }: FastifyReply, open: Set<AbortController>): AbortSignal {
  const controller = new AbortController();
  open.add(controller);
  raw.once('close', () => {
    open.delete(controller);
    controller.abort();
  });
  return controller.signal;
}

function sendPage(reply: FastifyReply, { status, type, headers, pieces }: Page): FastifyReply {
  return reply
    .code(status)
    .headers(headers ?? {})
    .type(type)
    .send(Readable.from(pieces));
}

function sendPieces(reply: FastifyReply, type: string, pieces: Iterable<string>): FastifyReply {
  return reply.type(type).send(Readable.from(chunks(pieces)));
}

function sendProblem(reply: FastifyReply, error: FairleadError): FastifyReply {
  return reply.code(error.status).type(problemMediaType).send(problemOf(error));
}
