import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFromBytes } from './address.ts';
import { fullLength, parsePrefix, prefixOf, prefixText } from './prefix.ts';

const prefix = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(addressFromBytes)
  .chain((address) => fc.nat(fullLength(address)).map((length) => prefixOf(address, length)));

describe('a prefix', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(prefix, (value) => {
        expect(parsePrefix(prefixText(value))).toEqual(value);
      }),
    );
  });

  it.each([
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['192.0.2.77/255.255.255.0', '192.0.2.0/24'],
    ['192.0.2.77/30', '192.0.2.76/30'],
    ['192.0.2.77', '192.0.2.77'],
    ['192.0.2.77/32', '192.0.2.77'],
    ['192.0.2.77/0.0.0.0', '0.0.0.0/0'],
    ['2001:DB8:1:2::3/33', '2001:db8::/33'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['::/0', '::/0'],
  ])('%s is %s', (text, written) => {
    const read = parsePrefix(text);
    expect(read && prefixText(read)).toBe(written);
  });

  it.each([
    ...['', '/', '/24', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/24/24', '10.0.0.0/255.0.255.0'],
    ...['10.0.0/24', 'host/24', 'fd00::/129', 'fd00::/255.0.0.0', '10.0.0.0/fd00::', '10.0.0.0/ 8'],
  ])('is not %j', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });
});
