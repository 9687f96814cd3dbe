import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import type { Tunnel } from '../ipvs/service.ts';
import {
  largeNumber,
  minutesAndSeconds,
  netmaskText,
  serverName,
  serviceName,
  tunnelText,
} from './format.ts';
import { parseNumber } from './numbers.ts';

describe('a counter in a listing', () => {
  it.each([
    [0, '        0'],
    [99_999_999, ' 99999999'],
    [100_000_000, '  100000K'],
    [999_999_999, '  999999K'],
    [1_000_000_000, '    1000M'],
    [99_999_999_999, '   99999M'],
    [100_000_000_000, '     100G'],
    [99_999_999_999_999, '   99999G'],
    [100_000_000_000_000, '     100T'],
  ])('%d is rounded to %j', (value, text) => {
    expect(largeNumber(value, false)).toBe(text);
  });

  it.each([
    [0, '        0'],
    [99_999_999, ' 99999999'],
    [100_000_000, ' 100000000'],
    [100_000_000_000_000, ' 100000000000000'],
  ])('%d is %j if it has to be exact', (value, text) => {
    expect(largeNumber(value, true)).toBe(text);
  });
});

const v4 = { address: '10.0.0.1' as Address, port: 80 as Port };
const v6 = { address: 'fd00::1' as Address, port: 80 as Port };

describe('a name in a listing', () => {
  it('fills its column and is cut at 28 characters', () => {
    expect(serviceName({ kind: 'address', protocol: 'tcp', ...v4 }, '10.0.0.1:80')).toBe('TCP  10.0.0.1:80');
    expect(
      serviceName({ kind: 'address', protocol: 'udp', ...v4 }, 'a-very-long-name-for-a-virtual-service:8080'),
    ).toBe('UDP  a-very-long-name-for-a-virtu');
    expect(serverName(v4, '10.0.0.1:80')).toBe('  -> 10.0.0.1:80                 ');
    expect(serverName(v4, 'a-very-long-name-for-a-real-server:80')).toBe('  -> a-very-long-name-for-a-real-');
  });

  it('of IPv6 is never cut', () => {
    const long = '[2001:db8:1111:2222:3333:4444:5555:6666]:65535';
    expect(serviceName({ kind: 'address', protocol: 'sctp', ...v6 }, long)).toBe(`SCTP ${long}`);
    expect(serverName(v6, long)).toBe(`  -> ${long}`);
  });

  it('of a mark is a signed number', () => {
    expect(serviceName({ kind: 'mark', mark: 7, family: 4 }, '')).toBe('FWM  7');
    expect(serviceName({ kind: 'mark', mark: 0xffffffff, family: 6 }, '')).toBe('FWM  -1 IPv6');
  });
});

describe('a netmask in a listing', () => {
  it.each([
    [v4, 0xffffff00, '255.255.255.0'],
    [v4, 0, '0.0.0.0'],
    [v4, 0xffffffff, undefined],
    [v6, 64, '64'],
    [v6, 128, undefined],
  ])('of %j is %i as %s', (endpoint, netmask, text) => {
    expect(netmaskText({ kind: 'address', protocol: 'tcp', ...endpoint, netmask })).toBe(text);
  });
});

describe('a tunnel in a listing', () => {
  it.each<[Tunnel | undefined, string]>([
    [undefined, 'n/a'],
    [{ type: 'ipip', port: 0, checksum: 'nocsum' }, 'ipip'],
    [{ type: 'gue', port: 6080, checksum: 'remcsum' }, 'gue:6080:r+c'],
    [{ type: 'gre', port: 0, checksum: 'csum' }, 'gre:+c'],
  ])('%j is %s', (tunnel, text) => {
    expect(tunnelText(tunnel)).toBe(text);
  });
});

it.each([
  [0, '00:00'],
  [59, '00:59'],
  [900, '15:00'],
  [36_005, '600:05'],
])('%d seconds left read %s', (seconds, text) => {
  expect(minutesAndSeconds(seconds)).toBe(text);
});

describe('a number on the command line', () => {
  it.each([
    ['5', 5],
    ['+5', 5],
    [' \t5', 5],
    ['010', 10],
    ['-0', 0],
    ['2147483647', 2147483647],
  ])('%j is %d', (text, value) => {
    expect(parseNumber(text, 0, 2147483647)).toBe(value);
  });

  it.each(['', ' ', '5 ', '0x10', '1e3', '5.0', '+-5', '-1', '2147483648', '99999999999999999999'])(
    '%j is refused',
    (text) => {
      expect(parseNumber(text, 0, 2147483647)).toBeUndefined();
    },
  );
});
