import { describe, expect, it } from 'vitest';
import type { Address, Port } from './address.ts';
import { type ApiListener, listenerProblem, listenerWords } from './listener.ts';

const tls = { certificate: '/c', key: '/k' };
const at = (address: string, rest: Partial<ApiListener>): ApiListener => ({
  ...{ address: address as Address, port: 8443 as Port, place: 'namespace' },
  ...rest,
});

describe('a listener of the API', () => {
  it.each([
    at('0.0.0.0', { tls }),
    at('::', { tls: { ...tls, clientCa: '/ca' } }),
    at('127.0.0.1', { plainText: true }),
    at('127.9.9.9', { plainText: true, place: 'host' }),
    at('::1', { plainText: true }),
  ])('may be %j', (listener) => {
    expect(listenerProblem(listener)).toBeUndefined();
  });

  it.each([
    [
      at('192.0.2.1', { plainText: true }),
      /^192\.0\.2\.1:8443: tokens would cross the network in plain text/,
    ],
    [at('0.0.0.0', { plainText: true }), /plain text/],
    [at('::', { plainText: true }), /plain text/],
    [at('127.0.0.1', {}), /give it a certificate and a key/],
    [at('127.0.0.1', { tls, plainText: true }), /either TLS or plain text/],
    [at('192.0.2.1', { tls: { ...tls, key: 'k' } }), /k is not an absolute path/],
    [at('192.0.2.1', { tls, port: 0 as Port }), /a port is missing/],
  ])('may not be %j', (listener, problem) => {
    expect(listenerProblem(listener)).toMatch(problem);
  });

  it('is said with all that makes it what it is', () => {
    expect(listenerWords(at('::1', { tls: { ...tls, clientCa: '/ca' }, place: 'host' }))).toBe(
      '[::1]:8443 on the host, TLS by /c, /k, clients of /ca',
    );
  });
});
