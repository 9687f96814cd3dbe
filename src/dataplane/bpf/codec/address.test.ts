import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, addressFromBytes } from '../../../ipvs/address.ts';
import { addressFromWords, addressToWords, masked, maskToPrefix, prefixToMask } from './address.ts';

const anyAddress = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map((bytes) => ({ family: bytes.length, address: addressFromBytes(bytes) }));

describe('an address', () => {
  it('of either family is what it was after the way through the map', () => {
    fc.assert(
      fc.property(anyAddress, ({ family, address }) => {
        expect(addressFromWords(family === 4 ? 4 : 6, addressToWords(address))).toBe(address);
      }),
    );
  });

  it('of IPv4 is the first word alone', () => {
    expect(addressToWords('10.0.0.100' as Address).word).toEqual([0x0a000064, 0, 0, 0]);
    expect(addressToWords('fd00::1:2' as Address).word).toEqual([0xfd000000, 0, 0, 0x00010002]);
  });
});

describe('a prefix', () => {
  it.each([
    [4, 0, [0, 0, 0, 0]],
    [4, 24, [0xffffff00, 0, 0, 0]],
    [4, 32, [0xffffffff, 0, 0, 0]],
    [6, 1, [0x80000000, 0, 0, 0]],
    [6, 64, [0xffffffff, 0xffffffff, 0, 0]],
    [6, 67, [0xffffffff, 0xffffffff, 0xe0000000, 0]],
    [6, 128, [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]],
  ] as const)('of IPv%i and %i bits has this mask', (family, length, words) => {
    expect(prefixToMask(family, length).word).toEqual(words);
    expect(maskToPrefix({ word: words })).toBe(length);
  });

  it('keeps of an address what it masks', () => {
    const words = masked(addressToWords('255.255.255.255' as Address), prefixToMask(4, 9));
    expect(addressFromWords(4, words)).toBe('255.128.0.0');
  });
});
