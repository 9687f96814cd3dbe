import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as abi from './abi.gen.ts';
import { type Decoded, decode, encode, type Layout } from './layout.ts';

const inner = {
  size: 4,
  fields: { low: { offset: 0, type: 'u16' }, high: { offset: 2, type: 'be16' } },
} as const satisfies Layout;

const every = {
  size: 56,
  fields: {
    u8: { offset: 0, type: 'u8' },
    bytes: { offset: 1, type: 'u8', length: 3 },
    u16: { offset: 4, type: 'u16' },
    be16: { offset: 6, type: 'be16' },
    u32: { offset: 8, type: 'u32' },
    be32: { offset: 12, type: 'be32' },
    s32: { offset: 16, type: 's32' },
    words: { offset: 20, type: 'u32', length: 2 },
    inner: { offset: 28, type: 'struct', layout: inner },
    u64: { offset: 32, type: 'u64' },
    s64: { offset: 40, type: 's64' },
    pair: { offset: 48, type: 'struct', layout: inner, length: 2 },
  },
} as const satisfies Layout;

const value: Decoded<typeof every> = {
  u8: 0x01,
  bytes: [2, 3, 4],
  u16: 0x0605,
  be16: 0x0708,
  u32: 0x0c0b0a09,
  be32: 0x0d0e0f10,
  s32: -2,
  words: [0x18171615, 0xffffffff],
  inner: { low: 0x0809, high: 0x0706 },
  u64: 0xffff_ffff_ffff_fffen,
  s64: -3n,
  pair: [
    { low: 1, high: 2 },
    { low: 3, high: 4 },
  ],
};
const bytes =
  '01 020304 0506 0708 090a0b0c 0d0e0f10 feffffff 15161718 ffffffff 09080706 feffffffffffffff fdffffffffffffff 01000002 03000004';

describe('a struct', () => {
  it('has the bytes a C compiler would give it: numbers little-endian, addresses and ports as on the wire', () => {
    expect(Buffer.from(encode(every, value)).toString('hex')).toBe(bytes.replaceAll(' ', ''));
    expect(decode(every, Uint8Array.from(Buffer.from(bytes.replaceAll(' ', ''), 'hex')))).toEqual(value);
  });

  it('is 0 in every field that is left out', () => {
    expect(encode(every, {})).toEqual(new Uint8Array(56));
    expect(encode(every, { bytes: [7] }).subarray(0, 4)).toEqual(Uint8Array.of(0, 7, 0, 0));
    expect(encode(every, { pair: [{}, { low: 5 }] }).subarray(48)).toEqual(
      Uint8Array.of(0, 0, 0, 0, 5, 0, 0, 0),
    );
  });

  it('is found within other bytes, and does not share them', () => {
    const many = new Uint8Array(200);
    many.set(encode(every, value), 100);
    const decoded = decode(every, many.subarray(4), 96);
    expect(decoded).toEqual(value);
    many.fill(0);
    expect(decoded.inner).toEqual(value.inner);
  });

  it('does not reach beyond its bytes', () => {
    expect(() => decode(every, new Uint8Array(55))).toThrow(RangeError);
  });
});

const layouts: readonly (readonly [string, Layout])[] = Object.entries(abi).flatMap(([name, item]) =>
  typeof item === 'object' && 'fields' in item ? [[name, item as Layout] as const] : [],
);

describe('the layouts of abi.h', () => {
  it.each(layouts)('%s: fields lie within the struct, without overlap', (_, { size, fields }) => {
    const widths = { u8: 1, u16: 2, be16: 2, u32: 4, be32: 4, s32: 4, u64: 8, s64: 8 } as const;
    const spans = Object.values(fields)
      .map((field) => {
        const width = field.type === 'struct' ? field.layout.size : widths[field.type];
        const bytesOf = width * (field.length ?? 1);
        return { from: field.offset, to: field.offset + bytesOf };
      })
      .sort((a, b) => a.from - b.from);
    spans.forEach(({ from, to }, index) => {
      expect(from).toBeGreaterThanOrEqual(spans[index - 1]?.to ?? 0);
      expect(to).toBeLessThanOrEqual(size);
    });
  });

  it.each(layouts)('%s: any bytes survive being decoded and encoded again', (_, layout) => {
    const padding = encode(layout, decode(layout, new Uint8Array(layout.size).fill(0xff)));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: layout.size, maxLength: layout.size }), (given) => {
        const unpadded = given.map((byte, index) => byte & (padding[index] ?? 0));
        expect(encode(layout, decode(layout, given))).toEqual(unpadded);
      }),
      { numRuns: layout.size > 1000 ? 2 : 100 },
    );
  });
});
