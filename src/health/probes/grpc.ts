/**
 * The gRPC health checking protocol: grpc.health.v1.Health/Check over HTTP/2 answers SERVING. Its two messages have one
 * field each, so that they are written and read here (protobuf: encoding; gRPC over HTTP2: length-prefixed messages).
 */

import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { Probe } from '../check.ts';
import { excerpt } from '../read.ts';
import { secured } from '../tls.ts';

type GrpcProbe = Extract<Probe, { kind: 'grpc' }>;

/** HealthCheckResponse.ServingStatus. */
const states = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const serving = states.indexOf('SERVING');

/** Of google.golang.org/grpc/codes, those that health checks meet. */
const codes: Readonly<Record<string, string>> = {
  ...{ '5': 'NOT_FOUND: it knows no such service', '7': 'PERMISSION_DENIED' },
  ...{ '12': 'UNIMPLEMENTED: it has no health service', '14': 'UNAVAILABLE', '16': 'UNAUTHENTICATED' },
};

/** HealthCheckResponse has three octets; nobody needs more than this. */
const messageLimit = 4096;

export async function probeGrpc(probe: GrpcProbe, attempt: Attempt): Promise<Success> {
  const plain = await attempt.dialer.tcp(attempt);
  const socket = probe.tls ? (await secured(attempt, plain, probe.tls, ['h2'])).socket : plain;
  attempt.awaits('the answer of grpc.health.v1.Health/Check');
  const status = readResponse(await call(probe, socket, attempt));
  if (status !== serving) throw new ProbeFailure('status', states[status] ?? `status ${status}`);
  return {};
}

async function call(probe: GrpcProbe, socket: Socket, attempt: Attempt): Promise<Buffer> {
  const { rip, rport } = attempt.target;
  const scheme = probe.tls ? 'https' : 'http';
  const authority = probe.authority ?? (rip.includes(':') ? `[${rip}]:${rport}` : `${rip}:${rport}`);
  const session = connect(`${scheme}://${authority}`, { createConnection: () => socket });
  attempt.atEnd(() => session.destroy());
  return await new Promise<Buffer>((resolve, reject) => {
    const failed = (error: Error): void => reject(failureIn(error));
    session.on('error', failed);
    session.once('close', () => reject(new ProbeFailure('closed', 'closed instead of an answer')));
    const stream = asked(session, probe.service, authority, scheme);
    stream.on('error', failed);
    answered(stream).then(resolve, reject);
  });
}

function asked(
  session: ClientHttp2Session,
  service: string,
  authority: string,
  scheme: string,
): ClientHttp2Stream {
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
    [constants.HTTP2_HEADER_SCHEME]: scheme,
    [constants.HTTP2_HEADER_AUTHORITY]: authority,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'fairlead',
  });
  stream.end(encodeRequest(service));
  return stream;
}

/** The body, once the headers or trailers have said that all is well. */
function answered(stream: ClientHttp2Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let octets = 0;
    const judge = (headers: Readonly<Record<string, unknown>>): void => {
      const code = headers['grpc-status'];
      if (code === undefined || String(code) === '0') return;
      const said = String(headers['grpc-message'] ?? '');
      const name = codes[String(code)] ?? `grpc-status ${String(code)}`;
      reject(new ProbeFailure('status', said === '' ? name : `${name}, ${excerpt(said)}`));
    };
    stream.once('response', (headers) => {
      const status = headers[constants.HTTP2_HEADER_STATUS];
      if (Number(status) !== 200) reject(new ProbeFailure('status', `HTTP ${status}`));
      judge(headers);
    });
    stream.once('trailers', judge);
    stream.on('data', (part: Buffer) => {
      octets += part.length;
      if (octets > messageLimit) reject(new ProbeFailure('too-long', 'no answer of a health service'));
      else parts.push(part);
    });
    stream.once('end', () => resolve(Buffer.concat(parts)));
  });
}

function failureIn(error: NodeJS.ErrnoException): Error {
  const isProtocol = error.code?.startsWith('ERR_HTTP2') || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
  return isProtocol ? new ProbeFailure('malformed', `not HTTP/2: ${error.message}`) : error;
}

/** HealthCheckRequest { string service = 1 } behind its prefix. A varint, since names may be long. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const field =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.of(0x0a), varint(name.length), name]);
  const prefix = Buffer.alloc(5); // not compressed
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

function varint(value: number): Buffer {
  const octets: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) octets.push((rest & 0x7f) | 0x80);
  return Buffer.of(...octets, rest);
}

/** HealthCheckResponse { ServingStatus status = 1 }: UNKNOWN, which is 0, is left out. */
function readResponse(body: Buffer): number {
  const isMessage = body.length >= 5 && body[0] === 0 && body.readUInt32BE(1) === body.length - 5;
  if (isMessage && body.length === 5) return 0;
  if (isMessage && body.length === 7 && body[5] === 0x08) return body[6] ?? 0;
  throw new ProbeFailure(
    'malformed',
    `no answer of a health service: ${body.subarray(0, 16).toString('hex')}`,
  );
}
