/**
 * Bearer tokens and the file they are kept in. A token is 256 random bits, of which the file has the SHA-256: a slow hash would
 * protect what can be guessed, and nobody guesses those. Pure.
 *
 * A line for each: `NAME ROLE EXPIRES HASH`, the time as 2027-01-31T00:00:00Z or `never`, the hash as `sha256:` and 64 digits.
 */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const tokenRoles = ['read-only', 'operator'] as const;
export type TokenRole = (typeof tokenRoles)[number];

export type Token = {
  readonly name: string;
  readonly role: TokenRole;
  /** Milliseconds since 1970. */
  readonly expires?: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
};

const maxTokens = 1000;
const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/;

export function isTokenName(text: string): boolean {
  return namePattern.test(text);
}

/** What a client sends, to be shown once, and what is kept of it. */
export function newSecret(): { readonly secret: string; readonly hash: string } {
  const secret = `fairlead_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashOf(secret) };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export type ParsedTokens = { readonly tokens: readonly Token[] } | { readonly problem: string };

/** One wrong line, and nobody comes in: who mends it must hear of it. */
export function parseTokens(text: string): ParsedTokens {
  const tokens: Token[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const token = parseLine(line);
    if (typeof token === 'string') return { problem: `line ${index + 1}: ${token}` };
    if (tokens.some(({ name }) => name === token.name))
      return { problem: `line ${index + 1}: ${token.name} stands here a second time` };
    tokens.push(token);
  }
  if (tokens.length > maxTokens) return { problem: `${tokens.length} tokens, ${maxTokens} at most` };
  return { tokens };
}

function parseLine(line: string): Token | string {
  const [name = '', role, until, digest = '', ...more] = line.trim().split(/\s+/);
  if (!isTokenName(name)) return 'a name is letters, digits, `_`, `.`, `@` and `-`';
  const known = tokenRoles.find((each) => each === role);
  if (!known) return `a role is ${tokenRoles.join(' or ')}`;
  const expires = until === 'never' ? undefined : parseTime(until ?? '');
  if (until !== 'never' && expires === undefined) return 'a time is 2027-01-31T00:00:00Z or never';
  const hash = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hash === undefined || more.length > 0) return 'a line ends in sha256: and 64 digits';
  return { name, role: known, ...(expires !== undefined && { expires }), hash };
}

function parseTime(text: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

export function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

export function renderTokens(tokens: readonly Token[]): string {
  const lines = tokens.map(({ name, role, expires, hash }) => {
    const until = expires === undefined ? 'never' : timeText(expires);
    return `${name} ${role} ${until} sha256:${hash}\n`;
  });
  return `# Tokens of Fairlead's API, by fairlead token: name, role, expiry, hash.\n${lines.join('')}`;
}

/** The token that this is, unless it has expired. How long it takes does not depend on how much of it is right. */
export function findToken(tokens: readonly Token[], secret: string, now: number): Token | undefined {
  const hash = Buffer.from(hashOf(secret), 'hex');
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(hash, Buffer.from(token.hash, 'hex'))) found = token;
  return found && isInForce(found, now) ? found : undefined;
}

export function isInForce({ expires }: Pick<Token, 'expires'>, now: number): boolean {
  return expires === undefined || now < expires;
}
