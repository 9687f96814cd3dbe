/**
 * HTTP over TCP in front of the same routes: TLS, limits, and the gate. What comes through is served as if it had come by the unix
 * socket, in the name of its token.
 */

import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { type ErrorCode, FairleadError } from '../../ipvs/errors.ts';
import { problemMediaType, problemOf } from '../problem.ts';
import type { Serve } from '../server.ts';
import type { Gate } from './gate.ts';
import type { Token } from './token.ts';

export type TcpServer = {
  /** Takes over the descriptor of a socket that listens. */
  listen(fd: number): void;
  /** Other certificates, for whoever connects from now on. Throws where they do not belong together. */
  setTls(tls: SecureContextOptions): void;
  /** Ends what goes on in the name of tokens that are no longer good. */
  dropRevoked(): void;
  /** Takes nobody any more; what has been asked is answered. */
  close(): void;
  /** At once, with a reset: no socket is left that would keep a network namespace. */
  destroy(): void;
};

/**
 * How long a client has, in milliseconds, to agree on TLS, to send a head, to send all of a request, to take what it has asked
 * for or ask for more, and to end when its listener is closed. It is looked every `look`.
 */
const usualPatience = {
  ...{ handshake: 10_000, head: 10_000, request: 60_000, idle: 60_000, farewell: 5_000 },
  look: 1_000,
};
const mostConnections = 256;
const mostOfAnAddress = 64;
const headBytes = 1 << 14;

/** As Fairlead will have it, whatever else is asked for. */
function hardened(tls: SecureContextOptions): SecureContextOptions {
  return { ...tls, minVersion: 'TLSv1.2', honorCipherOrder: true };
}

/** Without `tls` in plain text. */
export function createTcpServer(
  tls: SecureContextOptions | undefined,
  gate: Gate,
  serve: Serve,
  patience = usualPatience,
): TcpServer {
  const limits = {
    maxHeaderSize: headBytes,
    headersTimeout: patience.head,
    requestTimeout: patience.request,
    connectionsCheckingInterval: patience.look,
  };
  const secure =
    tls &&
    createHttpsServer({
      ...limits,
      ...hardened(tls),
      handshakeTimeout: patience.handshake,
      ...clientsOf(tls),
    });
  const server: HttpServer | HttpsServer = secure ?? createHttpServer(limits);
  const sockets = new Map<Socket, string>();
  const inForce = new Map<ServerResponse, Token>();
  let isClosing = false;
  server.maxConnections = mostConnections;
  server.timeout = patience.idle;
  server.keepAliveTimeout = patience.idle;
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const others = [...sockets.values()].filter((other) => other === address).length;
    if (others >= mostOfAnAddress || !gate.mayConnect(address)) return socket.resetAndDestroy();
    sockets.set(socket, address);
    socket.once('close', () => sockets.delete(socket));
    return undefined;
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { authorization, 'content-length': length, 'transfer-encoding': coding } = request.headers;
    const admission = gate.admit({
      ...{ address: request.socket.remoteAddress ?? '', authorization, length },
      isChunked: coding !== undefined,
    });
    if ('refused' in admission) return refuse(response, admission.refused, admission.headers);
    inForce.set(response, admission.token);
    response.once('close', () => {
      admission.leave();
      inForce.delete(response);
      if (isClosing) server.closeIdleConnections();
    });
    serve(request, response, admission.caller);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    answerUnreadable(error, socket);
    // Who goes on all the same would keep the connection; closed at once, the answer might not get there.
    setTimeout(() => socket.destroy(), patience.farewell).unref();
  });
  const drop = (): void => {
    for (const socket of sockets.keys()) socket.resetAndDestroy();
  };
  return {
    listen: (fd) => {
      server.listen({ fd });
    },
    setTls: (changed) => {
      secure?.setSecureContext({ ...hardened(changed), ...clientsOf(changed) });
    },
    dropRevoked: () => {
      for (const [response, token] of inForce) if (!gate.isStillGood(token)) response.destroy();
    },
    close: () => {
      isClosing = true;
      server.close();
      server.closeIdleConnections();
      setTimeout(drop, patience.farewell).unref();
    },
    destroy: () => {
      server.close();
      drop();
    },
  };
}

function clientsOf({ ca }: SecureContextOptions): {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
} {
  return { requestCert: ca !== undefined, rejectUnauthorized: ca !== undefined };
}

/** What a stranger sends is not read to its end. */
function refuse(
  response: ServerResponse,
  error: FairleadError,
  headers: Readonly<Record<string, string>>,
): void {
  const body = JSON.stringify(problemOf(error));
  response.writeHead(error.status, {
    ...headers,
    ...{ 'content-type': problemMediaType, 'content-length': Buffer.byteLength(body), connection: 'close' },
  });
  response.end(body);
}

/** Node's parser gave up before there was a request. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = new FairleadError(unreadable[error.code ?? ''] ?? 'BAD_REQUEST');
  const body = JSON.stringify(problemOf(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.code}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const unreadable: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TOO_SLOW',
};
