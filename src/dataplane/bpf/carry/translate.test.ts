import { describe, expect, test } from 'vitest';
import { flCarried, flEntryIpv4 } from '../abi.gen.ts';
import { decode, type Encodable, encode, type Layout } from '../layout.ts';
import { meaningsSince } from './meanings.ts';
import { translation, Untranslatable, type Ways } from './translate.ts';

const u16 = (offset: number) => ({ offset, type: 'u16' }) as const;
const u32 = (offset: number) => ({ offset, type: 'u32' }) as const;
const u64 = (offset: number) => ({ offset, type: 'u64' }) as const;

function translated<L extends Layout>(
  from: L,
  value: Encodable<L>,
  to: Layout,
  ways?: Ways,
  before: object = {},
) {
  const bytes = encode(to, before);
  const source = encode(from, value);
  translation(from, to, ways)(new DataView(source.buffer), 0, new DataView(bytes.buffer), 0);
  return decode(to, bytes);
}

describe('fields keep their values by their names', () => {
  test('in another order, some new and some gone', () => {
    const from = { size: 12, fields: { one: u32(0), two: u32(4), gone: u32(8) } } as const;
    const to = { size: 16, fields: { fresh: u32(0), two: u32(4), between: u32(8), one: u32(12) } } as const;
    expect(translated(from, { one: 1, two: 2, gone: 3 }, to, {}, { fresh: 7 })).toEqual({
      ...{ fresh: 7, two: 2, between: 0, one: 1 },
    });
  });

  test('wider, and of what has become narrower the lowest octets', () => {
    const from = { size: 12, fields: { grows: u32(0), shrinks: u64(4) } } as const;
    const to = { size: 12, fields: { grows: u64(0), shrinks: u32(8) } } as const;
    expect(translated(from, { grows: 0xffff_ffff, shrinks: 0x1_0000_0005n }, to)).toEqual({
      grows: 0xffff_ffffn,
      shrinks: 5,
    });
  });

  test('in another byte order', () => {
    const from = { size: 2, fields: { port: { offset: 0, type: 'be16' } } } as const;
    expect(translated(from, { port: 443 }, { size: 4, fields: { port: u32(0) } })).toEqual({ port: 443 });
  });

  test('within structs and arrays, whose ends may differ', () => {
    const pair = { size: 4, fields: { one: u16(0), two: u16(2) } } as const;
    const turned = { size: 6, fields: { two: u16(0), one: u16(4) } } as const;
    const from = {
      size: 8,
      fields: { pairs: { offset: 0, type: 'struct', layout: pair, length: 2 } },
    } as const;
    const to = {
      size: 18,
      fields: { pairs: { offset: 0, type: 'struct', layout: turned, length: 3 } },
    } as const;
    const pairs = [
      { one: 1, two: 2 },
      { one: 3, two: 4 },
    ];
    expect(translated(from, { pairs }, to)).toEqual({ pairs: [...pairs, { one: 0, two: 0 }] });
  });

  test('an entry of a table becomes one of a batch', () => {
    const key = {
      client: 0x0a00_0001,
      vip: 0x0a00_0064,
      clientPort: 40_000,
      virtualPort: 80,
      protocol: 6,
      used: 1,
    };
    const connection = {
      lastSeen: 12_345_678_901_234n,
      timeoutMs: 900_000,
      state: 1,
      destination: 9,
      flags: 0x103,
    };
    const renamed = { 'key.client': 'key.client.word.0', 'key.vip': 'key.vip.word.0' };
    expect(translated(flEntryIpv4, { key, connection }, flCarried, { renamed })).toMatchObject({
      key: {
        client: { word: [0x0a00_0001, 0, 0, 0] },
        vip: { word: [0x0a00_0064, 0, 0, 0] },
        clientPort: 40_000,
      },
      connection,
    });
  });
});

test('a name that stands for something of another shape is refused', () => {
  const number = { size: 4, fields: { it: u32(0) } } as const;
  const array = { size: 4, fields: { it: { ...u16(0), length: 2 } } } as const;
  expect(() => translation(number, array)).toThrow(Untranslatable);
  expect(() => translation(array, number)).toThrow('it was not a number');
});

describe('what means something else', () => {
  const seconds = { since: 12, struct: 'fl_thing', field: 'timeout', of: (value: bigint) => value * 1000n };
  const halves = { since: 13, struct: 'fl_thing', field: 'timeout', of: (value: bigint) => value * 2n };
  const other = { since: 13, struct: 'fl_other', field: 'timeout', of: () => 0n };
  const thing = { size: 4, fields: { timeout: u32(0) } } as const;
  const from = (version: number): unknown =>
    translated(thing, { timeout: 3 }, thing, {
      meanings: meaningsSince(version, 'fl_thing', [halves, other, seconds]),
    });

  test('is worked out from what an earlier version has left, the oldest change first', () => {
    expect(from(11)).toEqual({ timeout: 6000 });
    expect(from(12)).toEqual({ timeout: 6 });
  });

  test('stays as it is from a version that means the same', () => {
    expect(from(13)).toEqual({ timeout: 3 });
  });
});
