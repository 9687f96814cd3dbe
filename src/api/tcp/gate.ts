/**
 * Who comes in over TCP: nobody without a token, nobody too often, and not more at once than there is memory for. It is asked before
 * anything else, so that a stranger cannot tell a route that exists from one that does not.
 */

import { isIPv6 } from 'node:net';
import { FairleadError } from '../../ipvs/errors.ts';
import type { Caller } from '../caller.ts';
import { createRateLimit } from './rate.ts';
import { findToken, isInForce, type Token } from './token.ts';

export type GateModules = {
  readonly tokens: () => readonly Token[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (line: string) => void;
};

/** What is looked at of a request. */
export type Knock = {
  readonly address: string;
  readonly authorization: string | undefined;
  /** Octets of the body; `undefined` where it has none. */
  readonly length: string | undefined;
  readonly isChunked: boolean;
};

export type Admission =
  | { readonly caller: Caller; readonly token: Token; readonly leave: () => void }
  | { readonly refused: FairleadError; readonly headers: Readonly<Record<string, string>> };

export type Gate = ReturnType<typeof createGate>;

/** A wrong token costs as much as so many requests. */
const wrongTokenTurns = 10;

/** For the bodies of all requests at once. */
const bodyRoom = 1 << 26;

const logEveryMilliseconds = 10_000;

export function createGate(perSecond: number, { tokens, now, log }: GateModules) {
  const addresses = createRateLimit(perSecond, now);
  const connections = createRateLimit(perSecond * 2, now);
  const names = createRateLimit(perSecond, now);
  let bodies = 0;
  let unknown = 0;
  let saidAt = 0;
  const sayUnknown = (address: string): void => {
    unknown++;
    if (now() - saidAt < logEveryMilliseconds) return;
    log(
      `api: ${unknown} ${unknown === 1 ? 'request' : 'requests'} without a valid token, the last from ${address}`,
    );
    unknown = 0;
    saidAt = now();
  };
  return {
    /** Whether one more connection of this address may be taken. */
    mayConnect: (address: string): boolean => connections.take(neighbourhood(address)) === 0,

    admit({ address, authorization, length, isChunked }: Knock): Admission {
      const host = neighbourhood(address);
      const soon = addresses.take(host);
      if (soon > 0) return tooMany(soon);
      const secret = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
      const token = secret === undefined ? undefined : findToken(tokens(), secret, now());
      if (!token) {
        addresses.take(host, wrongTokenTurns - 1);
        sayUnknown(address);
        return refusal('UNAUTHENTICATED', undefined, {
          'www-authenticate': `Bearer realm="fairlead"${secret === undefined ? '' : ', error="invalid_token"'}`,
        });
      }
      const later = names.take(token.name);
      if (later > 0) return tooMany(later);
      if (isChunked) return refusal('BAD_REQUEST', 'a body needs a Content-Length');
      const octets = Number(length ?? 0);
      if (octets > bodyRoom) return refusal('BODY_TOO_LARGE', `${bodyRoom} octets fit`);
      if (bodies + octets > bodyRoom) return refusal('BUSY', undefined, { 'retry-after': '1' });
      bodies += octets;
      let isIn = true;
      const leave = (): void => {
        if (isIn) bodies -= octets;
        isIn = false;
      };
      return { caller: { name: token.name, role: token.role, from: address }, token, leave };
    },

    /** Whether a token is still what it was when its request was let in. */
    isStillGood: (token: Token): boolean =>
      isInForce(token, now()) &&
      tokens().some(({ hash, role }) => hash === token.hash && role === token.role),
  };
}

function refusal(
  code: FairleadError['code'],
  detail?: string,
  headers: Readonly<Record<string, string>> = {},
): Admission {
  return { refused: new FairleadError(code, detail), headers };
}

function tooMany(seconds: number): Admission {
  return refusal('TOO_MANY_REQUESTS', undefined, { 'retry-after': String(Math.ceil(seconds)) });
}

/** An IPv4 address, or the /64 of an IPv6 address: a host has as many of those as it likes. */
function neighbourhood(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, 4).join(':');
}
