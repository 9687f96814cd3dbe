import { beforeEach, describe, expect, it } from 'vitest';
import { createGate, type Gate, type Knock } from './gate.ts';
import { newSecret, type Token } from './token.ts';

const { secret, hash } = newSecret();
let tokens: readonly Token[];
let now: number;
let lines: string[];
let gate: Gate;

beforeEach(() => {
  tokens = [{ name: 'ci', role: 'operator', hash }];
  now = 1_000_000;
  lines = [];
  gate = createGate(10, { tokens: () => tokens, now: () => now, log: (line) => lines.push(line) });
});

const knock = (change: Partial<Knock> = {}) =>
  gate.admit({
    ...{ address: '192.0.2.7', authorization: `Bearer ${secret}`, length: undefined, isChunked: false },
    ...change,
  });
const codeOf = (change: Partial<Knock> = {}) => {
  const admission = knock(change);
  return 'refused' in admission ? admission.refused.code : 'in';
};
const megabyte = 1 << 20;

describe('the gate', () => {
  it('lets the holder of a token in, in its name', () => {
    expect(knock()).toMatchObject({ caller: { name: 'ci', role: 'operator', from: '192.0.2.7' } });
  });

  it.each([
    ['nothing', undefined],
    ['another word', `Basic ${secret}`],
    ['no token', 'Bearer '],
    ['another token', `Bearer ${newSecret().secret}`],
    ['half of it', `Bearer ${secret.slice(0, 20)}`],
    ['more than it', `Bearer ${secret} ${secret}`],
  ])('keeps out who shows %s', (_, authorization) => {
    expect(codeOf({ authorization })).toBe('UNAUTHENTICATED');
  });

  it('counts a wrong token as ten requests, and says when to come again', () => {
    const wrong = { authorization: 'Bearer x' };
    expect([codeOf(wrong), codeOf(wrong), codeOf(wrong)]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'TOO_MANY_REQUESTS',
    ]);
    expect(knock(wrong)).toMatchObject({ headers: { 'retry-after': '1' } });
    now += 1_000;
    expect(codeOf(wrong)).toBe('UNAUTHENTICATED');
    expect(codeOf({ ...wrong, address: '192.0.2.8' })).toBe('UNAUTHENTICATED');
  });

  it('limits a token wherever it comes from', () => {
    const hosts = Array.from({ length: 30 }, (_, host) => codeOf({ address: `192.0.2.${host}` }));
    expect(hosts.filter((code) => code === 'in').length).toBe(20);
    expect(hosts.at(-1)).toBe('TOO_MANY_REQUESTS');
  });

  it('takes the addresses of one /64 for one host, and of an IPv4 address both ways to write it', () => {
    const wrong = 'Bearer x';
    for (const address of ['2001:db8::1', '2001:db8:0:0:ffff::2']) codeOf({ address, authorization: wrong });
    expect(codeOf({ address: '2001:db8::3' })).toBe('TOO_MANY_REQUESTS');
    expect(codeOf({ address: '2001:db8:0:1::3' })).toBe('in');
    for (const address of ['::ffff:10.0.0.1', '10.0.0.1']) codeOf({ address, authorization: wrong });
    expect(codeOf({ address: '10.0.0.1' })).toBe('TOO_MANY_REQUESTS');
  });

  it('takes no more of bodies at once than there is room for, and has it back when they leave', () => {
    const first = knock({ length: String(60 * megabyte) });
    expect(codeOf({ length: String(5 * megabyte) })).toBe('BUSY');
    expect(codeOf({ length: String(65 * megabyte) })).toBe('BODY_TOO_LARGE');
    if ('leave' in first) for (let time = 0; time < 3; time++) first.leave();
    expect(codeOf({ length: String(64 * megabyte) })).toBe('in');
    expect(codeOf({ length: '1' })).toBe('BUSY');
    expect(codeOf({ isChunked: true })).toBe('BAD_REQUEST');
  });

  it('knows when a token is no longer what it was', () => {
    const [token] = tokens;
    if (!token) throw new Error('there is one');
    expect(gate.isStillGood(token)).toBe(true);
    tokens = [{ ...token, role: 'read-only' }];
    expect(gate.isStillGood(token)).toBe(false);
    tokens = [];
    expect(gate.isStillGood(token)).toBe(false);
  });

  it('tells the log of strangers, but not each time', () => {
    for (let time = 0; time < 3; time++) codeOf({ authorization: undefined, address: `192.0.2.${time}` });
    now += 10_000;
    codeOf({ authorization: undefined });
    expect(lines).toEqual([
      'api: 1 request without a valid token, the last from 192.0.2.0',
      'api: 3 requests without a valid token, the last from 192.0.2.7',
    ]);
  });
});
