import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIpv6, readIpv6 } from './ipv6.ts';

/** Addresses with runs of zeros, which is where writing them is not obvious. */
const octets = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff])));

const rewritten = (text: string): string | undefined => {
  const bytes = readIpv6(text);
  return bytes && formatIpv6(bytes);
};

describe('an IPv6 address', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        expect(readIpv6(formatIpv6(bytes))).toEqual(bytes);
      }),
    );
  });

  it('is written so that everybody reads it, and in one way only', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const text = formatIpv6(bytes);
        expect(isIPv6(text)).toBe(true);
        expect(rewritten(text)).toBe(text);
      }),
    );
  });

  it.each([
    ['FD00:0:0:0:0:0:0:100', 'fd00::100'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::0.0.0.1', '::1'],
    ['::a00:1', '::10.0.0.1'],
    ['::ffff:a00:1', '::ffff:10.0.0.1'],
    ['fd00::1.2.3.4', 'fd00::102:304'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('%s is written %s, as inet_ntop(3) does', (text, written) => {
    expect(rewritten(text)).toBe(written);
  });

  it.each([
    ...['', ':', ':::', '1', '1:2:3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::1::'],
    ...['1:2:3:4::5:6:7:8', ':1:2:3:4:5:6:7', '1:2:3:4:5:6:7:', '12345::', 'g::', 'fe80::1%eth0', '[::1]'],
    ...[
      '::1.2.3',
      '::1.2.3.256',
      '::01.2.3.4',
      '1.2.3.4::',
      '::1.2.3.4:5',
      '1.2.3.4',
      ' ::1',
      '::1\n',
      '::1/64',
    ],
  ])('is not %j', (text) => {
    expect(readIpv6(text)).toBeUndefined();
  });
});
