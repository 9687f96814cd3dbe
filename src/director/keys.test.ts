import { describe, expect, it } from 'vitest';
import { canonical, parseDestinationKey, parseServiceKey } from './keys.ts';

const badRequest = expect.objectContaining({ code: 'BAD_REQUEST' });

describe('a key out of a URL', () => {
  it('of a service has one form, whichever way it was written', () => {
    expect(parseServiceKey('tcp:[FD00:0::1]:80')).toEqual({
      kind: 'address',
      protocol: 'tcp',
      address: 'fd00::1',
      port: 80,
    });
    expect(parseServiceKey('mark6:7')).toEqual({ kind: 'mark', mark: 7, family: 6 });
  });

  it.each(['', 'tcp', 'tcp:10.0.0.1', 'TCP:10.0.0.1:80', 'tcp:localhost:80', 'mark:0'])(
    'of a service is not %j',
    (text) => {
      expect(() => parseServiceKey(text)).toThrow(badRequest);
    },
  );

  it('of a real server likewise', () => {
    expect(parseDestinationKey('[FD00:0::1]:80')).toEqual({ address: 'fd00::1', port: 80 });
  });

  it.each(['', ':80', '10.0.0.1', '10.0.0.1:http', 'fd00::1:80'])('of a real server is not %j', (text) => {
    expect(() => parseDestinationKey(text)).toThrow(badRequest);
  });
});

describe('what a body names', () => {
  it('gets its address in canonical form', () => {
    expect(canonical({ address: 'FD00:0::1', port: 80 })).toEqual({ address: 'fd00::1', port: 80 });
  });

  it('stays as it is without an address', () => {
    expect(canonical({ kind: 'mark', mark: 7 })).toEqual({ kind: 'mark', mark: 7 });
  });

  it('is refused if that is none', () => {
    expect(() => canonical({ address: 'fe80::1%eth0' })).toThrow(badRequest);
  });
});
