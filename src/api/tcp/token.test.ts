import { describe, expect, it } from 'vitest';
import { findToken, newSecret, parseTokens, renderTokens, type Token } from './token.ts';

const hash = 'a'.repeat(64);
const line = (words: string) => parseTokens(`# ours\n\n${words}\n`);

describe('the file of tokens', () => {
  it('is read as it was written', () => {
    const tokens: readonly Token[] = [
      { name: 'grafana', role: 'read-only', hash },
      { name: 'deploy@ci-7', role: 'operator', expires: Date.UTC(2027, 0, 31, 12), hash: 'b'.repeat(64) },
    ];
    expect(parseTokens(renderTokens(tokens))).toEqual({ tokens });
    expect(renderTokens(tokens)).toContain('deploy@ci-7 operator 2027-01-31T12:00:00Z sha256:bbb');
    expect(parseTokens('')).toEqual({ tokens: [] });
  });

  it.each([
    [`a b read-only never sha256:${hash}`, 'line 3: a role is read-only or operator'],
    [`a local never sha256:${hash}`, 'line 3: a role is read-only or operator'],
    [`a/b read-only never sha256:${hash}`, 'line 3: a name is letters, digits, `_`, `.`, `@` and `-`'],
    [`a read-only 2027-13-01T00:00:00Z sha256:${hash}`, 'line 3: a time is 2027-01-31T00:00:00Z or never'],
    [`a read-only soon sha256:${hash}`, 'line 3: a time is 2027-01-31T00:00:00Z or never'],
    [`a read-only never sha256:${hash.slice(1)}`, 'line 3: a line ends in sha256: and 64 digits'],
    [`a read-only never sha256:${hash} more`, 'line 3: a line ends in sha256: and 64 digits'],
    [
      `a read-only never sha256:${hash}\na operator never sha256:${hash}`,
      'line 4: a stands here a second time',
    ],
  ])('with %j in it has no token at all', (words, problem) => {
    expect(line(words)).toEqual({ problem });
  });
});

describe('a token', () => {
  const made = newSecret();
  const token: Token = { name: 'ci', role: 'operator', hash: made.hash, expires: 1000 };
  const tokens = [{ ...token, name: 'other', hash }, token];

  it('is 256 random bits, of which nothing but the hash is kept', () => {
    expect(made.secret).toMatch(/^fairlead_[\w-]{43}$/);
    expect(newSecret().secret).not.toBe(made.secret);
    expect(renderTokens(tokens)).not.toContain(made.secret.slice(9));
  });

  it('is found by all of what was shown, until it expires', () => {
    expect(findToken(tokens, made.secret, 999)).toBe(token);
    expect(findToken(tokens, made.secret, 1000)).toBeUndefined();
    expect(findToken(tokens, made.secret.slice(0, -1), 0)).toBeUndefined();
    expect(findToken(tokens, made.hash, 0)).toBeUndefined();
    expect(findToken([], made.secret, 0)).toBeUndefined();
  });
});
