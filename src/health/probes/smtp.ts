/** A mail server greets, and answers EHLO (RFC 5321), inside TLS where that is asked for (RFC 3207, RFC 8314). */

import type { Socket } from 'node:net';
import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { Probe, TlsDemands } from '../check.ts';
import { excerpt, readUntil } from '../read.ts';
import { secured } from '../tls.ts';

/** Whom a relay trusts is no matter of its health; the kind `tls` asks about certificates. */
const anyCertificate: TlsDemands = { verify: false, daysLeft: 0 };

export async function probeSmtp(
  { helo, tls }: Extract<Probe, { kind: 'smtp' }>,
  attempt: Attempt,
): Promise<Success> {
  const plain = await attempt.dialer.tcp(attempt);
  const socket = tls === 'implicit' ? (await secured(attempt, plain, anyCertificate)).socket : plain;
  const greeting = await reply(socket, 'the greeting', attempt);
  expectCode(greeting, '220', 'the greeting');
  const offers = await greet(socket, helo, attempt);
  if (tls !== 'starttls') {
    socket.end('QUIT\r\n');
    return { detail: firstLine(greeting) };
  }
  if (!/^250[- ]STARTTLS\s*$/im.test(offers)) throw new ProbeFailure('status', 'STARTTLS is not offered');
  expectCode(await command(socket, 'STARTTLS', attempt), '220', 'STARTTLS');
  const inside = (await secured(attempt, socket, anyCertificate)).socket;
  await greet(inside, helo, attempt);
  inside.end('QUIT\r\n');
  return { detail: firstLine(greeting) };
}

/** What is offered. A server that knows no EHLO is asked as its clients would (RFC 5321 §3.2). */
async function greet(socket: Socket, helo: string, attempt: Attempt): Promise<string> {
  const offers = await command(socket, `EHLO ${helo}`, attempt);
  if (!offers.startsWith('50')) {
    expectCode(offers, '250', 'EHLO');
    return offers;
  }
  const plain = await command(socket, `HELO ${helo}`, attempt);
  expectCode(plain, '250', 'HELO');
  return plain;
}

async function command(socket: Socket, line: string, attempt: Attempt): Promise<string> {
  socket.write(`${line}\r\n`);
  return await reply(socket, `the reply to ${line.split(' ')[0]}`, attempt);
}

/** All lines of a reply: each but the last has a hyphen behind its code. */
async function reply(socket: Socket, what: string, attempt: Attempt): Promise<string> {
  attempt.awaits(what);
  return await readUntil(
    socket,
    (text) => {
      const [first = ''] = text.split('\n');
      if (text.includes('\n') && !/^\d{3}[- \r]/.test(first))
        throw new ProbeFailure('malformed', `no SMTP: ${excerpt(text)}`);
      return /^(?:\d{3}-.*\r?\n)*\d{3}(?: .*)?\r?\n/.exec(text)?.[0];
    },
    what,
  );
}

function expectCode(text: string, code: string, what: string): void {
  if (!text.startsWith(code)) throw new ProbeFailure('status', `${what}: ${firstLine(text)}`);
}

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? '';
}
