import { describe, expect, test } from 'vitest';
import { readBtf, Undescribed } from './btf.ts';

/** BTF by hand: types one after the other, the first is 1. */
function btfOf(...types: readonly (readonly number[])[]): (strings: readonly string[]) => Uint8Array {
  return (strings) => {
    const names = Buffer.from(['', ...strings, ''].join('\0'), 'latin1');
    const words = types.flat();
    const bytes = Buffer.alloc(24 + words.length * 4 + names.length);
    bytes.writeUInt16LE(0xeb9f, 0);
    bytes.writeUInt8(1, 2);
    for (const [at, value] of [24, 0, words.length * 4, words.length * 4, names.length].entries())
      bytes.writeUInt32LE(value, 4 + at * 4);
    for (const [index, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, 24 + index * 4);
    names.copy(bytes, 24 + words.length * 4);
    return bytes;
  };
}

/** Where a string begins among others. */
const offsets = (strings: readonly string[]) => (name: string) =>
  1 + strings.slice(0, strings.indexOf(name)).reduce((sum, { length }) => sum + length + 1, 0);

const kind = (number: number, parts = 0, hasBitFields = 0): number =>
  (hasBitFields << 31) | (number << 24) | parts;
const [int, array, struct, enumeration, typedef, constant] = [1, 3, 4, 6, 8, 10];

describe('layouts', () => {
  const strings = [
    'int',
    '__be16',
    'fl_pair',
    'first_one',
    'second',
    'fl_whole',
    'pairs',
    'port',
    'level',
    'fl_level',
    'LOW',
    'HIGH',
  ];
  const at = offsets(strings);
  const bytes = btfOf(
    [at('int'), kind(int), 4, 32], // 1: unsigned int
    [at('int'), kind(int), 2, 16], // 2: unsigned short
    [at('__be16'), kind(typedef), 2], // 3
    [at('fl_pair'), kind(struct, 2), 8, at('first_one'), 1, 0, at('second'), 8, 32], // 4
    [0, kind(array), 0, 4, 1, 3], // 5: of three pairs
    [at('fl_whole'), kind(struct, 3), 32, at('pairs'), 5, 0, at('port'), 3, 192, at('level'), 7, 224], // 6
    [at('fl_level'), kind(enumeration, 2), 4, at('LOW'), 1, at('HIGH'), 7], // 7
    [0, kind(constant), 9], // 8: const
    [at('int'), kind(int), 4, (1 << 24) | 32], // 9: int
  )(strings);

  test('a struct has its fields, those of its structs and arrays among them, as abi.gen.ts would have them', () => {
    const pair = {
      size: 8,
      fields: { firstOne: { offset: 0, type: 'u32' }, second: { offset: 4, type: 's32' } },
    };
    expect(readBtf(bytes).struct('fl_whole')).toEqual({
      size: 32,
      fields: {
        pairs: { offset: 0, type: 'struct', layout: pair, length: 3 },
        port: { offset: 24, type: 'be16' },
        level: { offset: 28, type: 'u32' },
      },
    });
  });

  test('a bare number is a layout of one field', () => {
    expect(readBtf(bytes).type(1)).toEqual({ size: 4, fields: { value: { offset: 0, type: 'u32' } } });
    expect(readBtf(bytes).type(4)).toEqual(readBtf(bytes).struct('fl_pair'));
  });

  test('an enum has its numbers, and one that is not there has none', () => {
    expect([...readBtf(bytes).enumeration('fl_level')]).toEqual([
      ['LOW', 1],
      ['HIGH', 7],
    ]);
    expect([...readBtf(bytes).enumeration('fl_other')]).toEqual([]);
  });

  test('what is no BTF, is cut short, or has no such struct is said to be so', () => {
    expect(() => readBtf(new Uint8Array(40))).toThrow(Undescribed);
    expect(() => readBtf(bytes.subarray(0, 60))).toThrow('cut short');
    expect(() => readBtf(bytes).struct('fl_other')).toThrow('no struct fl_other');
  });
});

test('a section of data is what its variable is made of, as often as that has elements', () => {
  const strings = ['int', 'fl_pair', 'first', 'second', 'pairs', '.data.pairs', 'one', '.data.one'];
  const at = offsets(strings);
  const [variable, section] = [14, 15];
  const bytes = btfOf(
    [at('int'), kind(int), 4, 32], // 1
    [at('fl_pair'), kind(struct, 2), 8, at('first'), 1, 0, at('second'), 1, 32], // 2
    [0, kind(array), 0, 2, 1, 3], // 3: of three pairs
    [at('pairs'), kind(variable), 3, 1], // 4
    [at('.data.pairs'), kind(section, 1), 24, 4, 0, 24], // 5
    [at('one'), kind(variable), 1, 1], // 6
    [at('.data.one'), kind(section, 1), 4, 6, 0, 4], // 7
  )(strings);
  const btf = readBtf(bytes);
  expect(btf.section(5)).toEqual(btf.struct('fl_pair'));
  expect(btf.section(7)).toEqual({ size: 4, fields: { value: { offset: 0, type: 'u32' } } });
  expect(btf.section(2)).toBeUndefined();
});

test('a bit field has no layout', () => {
  const strings = ['int', 'fl_bits', 'few'];
  const at = offsets(strings);
  const bytes = btfOf(
    [at('int'), kind(int), 4, 32],
    [at('fl_bits'), kind(struct, 1, 1), 4, at('few'), 1, (3 << 24) | 0],
  )(strings);
  expect(() => readBtf(bytes).struct('fl_bits')).toThrow('struct fl_bits, few is a bit field');
});
