import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4FromNumber, type Port } from '../ipvs/address.ts';
import { destinationKeyText, serviceKeyText } from '../ipvs/service.ts';
import { parseDestinationKey, parseServiceKey } from './keys.ts';

const end = fc.record({
  address: fc.integer({ min: 0, max: 0xffffffff }).map(ipv4FromNumber),
  port: fc.nat(0xffff).map((port) => port as Port),
});

describe('a key', () => {
  it('of a service is what it was after the way through a URL', () => {
    fc.assert(
      fc.property(end, fc.constantFrom('tcp' as const, 'udp' as const), (address, protocol) => {
        const key = { protocol, ...address };
        expect(parseServiceKey(serviceKeyText(key))).toEqual(key);
      }),
    );
  });

  it('of a real server is what it was after the way through a URL', () => {
    fc.assert(
      fc.property(end, (key) => {
        expect(parseDestinationKey(destinationKeyText(key))).toEqual(key);
      }),
    );
  });

  it.each(['', 'tcp', 'tcp:', 'tcp:10.0.0.1', 'tcp:10.0.0.1:', 'tcp:10.0.0.1:65536', 'tcp:10.0.0.1:80:1'])(
    'of a service is not %j',
    (text) => {
      expect(() => parseServiceKey(text)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    },
  );

  it.each(['10.0.0.1:80', 'TCP:10.0.0.1:80', 'sctp:10.0.0.1:80', 'tcp:localhost:80', 'tcp:[::1]:80'])(
    'of a service is not %j either',
    (text) => {
      expect(() => parseServiceKey(text)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    },
  );

  it.each([
    '',
    ':80',
    '10.0.0.1',
    '10.0.0.1:',
    '10.0.0.1:http',
    '10.0.0.1:80:',
    '10.0.0.1:80:80',
    '10.0.0.1:-1',
  ])('of a real server is not %j', (text) => {
    expect(() => parseDestinationKey(text)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
