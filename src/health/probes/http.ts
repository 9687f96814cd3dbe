/**
 * HTTP/1.1 (RFC 9110, 9112), over TLS where the probe says so. Redirections are followed on the same real server: of
 * where they lead, scheme, port and path count, and the name is asked for there.
 */

import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { HttpMethod, Probe, TlsDemands } from '../check.ts';
import { excerpt, readUpTo } from '../read.ts';
import type { Target } from '../target.ts';
import { secured } from '../tls.ts';

type HttpProbe = Extract<Probe, { kind: 'http' }>;

/** What is asked for next. */
type Question = {
  readonly method: HttpMethod;
  readonly port: number;
  readonly path: string;
  /** As in `Host`. */
  readonly host: string;
  readonly tls?: TlsDemands;
};

type Answer = { readonly message: IncomingMessage; readonly daysLeft?: number };

/** Octets of a body that are read at most to find a pattern. */
const bodyLimit = 262_144;

export async function probeHttp(probe: HttpProbe, attempt: Attempt): Promise<Success> {
  const first = firstQuestion(probe, attempt.target);
  const asked = new Set<string>();
  for (let question = first; ; ) {
    const name = nameOf(question);
    if (asked.has(name)) throw new ProbeFailure('redirect', `in a circle, to ${name} again`);
    asked.add(name);
    const answer = await ask(probe, question, attempt);
    const next = probe.redirects > 0 ? redirected(probe, question, answer.message) : undefined;
    if (!next) return await judged(probe, answer, attempt);
    if (asked.size > probe.redirects)
      throw new ProbeFailure('redirect', `more than ${probe.redirects} times, at last to ${nameOf(next)}`);
    question = next;
  }
}

function firstQuestion({ method, path, host, tls }: HttpProbe, target: Target): Question {
  const { vip, rip, via, rport: port } = target;
  const address = via === 'dr' ? (vip ?? rip) : rip;
  return {
    ...{ method, path, port },
    host: host ?? withPort(address.includes(':') ? `[${address}]` : address, port, tls !== undefined),
    ...(tls && { tls }),
  };
}

function withPort(name: string, port: number, isTls: boolean): string {
  return port === (isTls ? 443 : 80) ? name : `${name}:${port}`;
}

async function ask(probe: HttpProbe, question: Question, attempt: Attempt): Promise<Answer> {
  const plain = await attempt.dialer.tcp(attempt, question.port);
  const over = question.tls && (await secured(attempt, plain, question.tls));
  attempt.awaits(`the answer to ${question.method} ${question.path}`);
  const message = await exchanged(probe, question, over?.socket ?? plain, attempt);
  return { message, ...(over && { daysLeft: over.daysLeft }) };
}

function exchanged(
  probe: HttpProbe,
  { method, path, host }: Question,
  socket: Socket,
  attempt: Attempt,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'user-agent': 'fairlead', accept: '*/*', ...lowered(probe.headers) };
    const asking = request({ createConnection: () => socket, method, path, headers, setHost: false });
    attempt.atEnd(() => asking.destroy());
    asking.once('response', resolve);
    asking.once('upgrade', resolve);
    asking.on('error', (error: NodeJS.ErrnoException) => reject(failureIn(error)));
    asking.end();
  });
}

/** So that one of the check's own takes the place of ours. */
function lowered(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Node's parser says what it does not understand by codes that begin with HPE_. */
function failureIn(error: NodeJS.ErrnoException): Error {
  if (error.code === 'HPE_HEADER_OVERFLOW') return new ProbeFailure('too-long', 'headers longer than 16 KiB');
  if (error.code?.startsWith('HPE_')) return new ProbeFailure('malformed', `not HTTP: ${error.message}`);
  if (error.code === 'ECONNRESET') return new ProbeFailure('closed', 'closed instead of an answer');
  return error;
}

/** `undefined`: it is no redirection. Throws where it leads nowhere. */
function redirected(probe: HttpProbe, from: Question, message: IncomingMessage): Question | undefined {
  const { statusCode = 0, headers } = message;
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  const here = `${from.tls ? 'https' : 'http'}://${from.host}${from.path}`;
  const to = URL.canParse(headers.location, here) ? new URL(headers.location, here) : undefined;
  if (to?.protocol !== 'http:' && to?.protocol !== 'https:')
    throw new ProbeFailure('redirect', `to what is not HTTP: ${excerpt(headers.location)}`);
  const isTls = to.protocol === 'https:';
  const becomesGet = statusCode === 303 || (statusCode < 303 && from.method === 'POST');
  const isElsewhere = to.host !== new URL(here).host || isTls !== (from.tls !== undefined);
  const name = to.hostname.replace(/^\[|\]$/g, '');
  const demands: TlsDemands = { verify: false, daysLeft: 0, ...probe.tls, name };
  return {
    method: becomesGet && from.method !== 'HEAD' ? 'GET' : from.method,
    path: `${to.pathname}${to.search}`,
    host: to.host,
    port: isElsewhere ? Number(to.port || (isTls ? 443 : 80)) : from.port,
    ...(isTls && { tls: isElsewhere ? demands : (from.tls ?? demands) }),
  };
}

function nameOf({ tls, host, path }: Question): string {
  return `${tls ? 'https' : 'http'}://${host}${path}`;
}

async function judged(probe: HttpProbe, { message, daysLeft }: Answer, attempt: Attempt): Promise<Success> {
  const status = message.statusCode ?? 0;
  if (!probe.status.some(({ first, last }) => status >= first && status <= last))
    throw new ProbeFailure('status', `${status} ${message.statusMessage ?? ''}`.trim());
  if (probe.body !== undefined) await mustContain(message, probe.body, attempt);
  const days =
    daysLeft === undefined || Number.isNaN(daysLeft) ? '' : `, certificate valid for ${daysLeft} days`;
  return { detail: `${status}${days}` };
}

async function mustContain(message: IncomingMessage, body: string, attempt: Attempt): Promise<void> {
  attempt.awaits('the rest of the body');
  const { text, isWhole } = await readUpTo(message, bodyLimit);
  if (new RegExp(body, 'u').test(text)) return;
  if (isWhole) throw new ProbeFailure('mismatch', `\`${body}\` is not in ${excerpt(text)}`);
  throw new ProbeFailure('too-long', `\`${body}\` is not in the first ${bodyLimit} octets`);
}
