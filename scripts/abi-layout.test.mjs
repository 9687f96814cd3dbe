import { expect, test } from 'vitest';

import { layoutModule } from './abi-layout.mjs';

/** @typedef {import('./abi-layout.mjs').BtfType} BtfType */

const contract = 'bpf/include/abi.h';

const int = { id: 1, kind: 'INT', name: 'unsigned int', size: 4, encoding: '(none)' };
const byte = { id: 2, kind: 'INT', name: 'unsigned char', size: 1, encoding: '(none)' };
const be32 = { id: 3, kind: 'TYPEDEF', name: '__be32', type_id: 4 };
const u32 = { id: 4, kind: 'TYPEDEF', name: '__u32', type_id: 1 };
const sixBytes = { id: 5, kind: 'ARRAY', name: '(anon)', type_id: 2, nr_elems: 6 };
const timer = { id: 6, kind: 'STRUCT', name: 'bpf_timer', size: 16, members: [] };
const long = { id: 7, kind: 'INT', name: 'long long', size: 8, encoding: 'SIGNED' };
const reason = {
  id: 8,
  kind: 'ENUM',
  name: 'fl_reason',
  size: 4,
  values: [
    { name: 'FL_REASON_NONE', val: 0 },
    { name: 'FL_REASON_LATE', val: 7 },
  ],
};
const pointer = { id: 9, kind: 'PTR', name: '(anon)', type_id: 1 };
const point = {
  id: 10,
  kind: 'STRUCT',
  name: 'fl_point',
  size: 8,
  members: [{ name: 'x', type_id: 4, bits_offset: 0 }],
};
const points = { id: 11, kind: 'ARRAY', name: '(anon)', type_id: 10, nr_elems: 2 };
/** @type {readonly BtfType[]} */
const scalars = [int, byte, be32, u32, sixBytes, timer, long, reason, pointer];

/** @param {...(NonNullable<BtfType['members']>[number])} members @returns {{ types: BtfType[] }} */
function structOf(...members) {
  return {
    types: [{ id: 20, kind: 'STRUCT', name: 'fl_thing', size: 64, members }, ...scalars, point, points],
  };
}

test('a struct becomes a layout: offsets in bytes, byte order, arrays, nested structs', () => {
  const btf = structOf(
    { name: 'address', type_id: 3, bits_offset: 0 },
    { name: 'mac', type_id: 5, bits_offset: 32 },
    { name: 'last_seen', type_id: 7, bits_offset: 128 },
    { name: 'why', type_id: 8, bits_offset: 192 },
    { name: 'at', type_id: 10, bits_offset: 256 },
    { name: 'corners', type_id: 11, bits_offset: 320 },
  );
  expect(layoutModule(btf, contract)).toContain(`/** struct fl_thing */
export const flThing = {
  size: 64,
  fields: {
    address: { offset: 0, type: 'be32' },
    mac: { offset: 4, type: 'u8', length: 6 },
    lastSeen: { offset: 16, type: 's64' },
    why: { offset: 24, type: 'u32' },
    at: { offset: 32, type: 'struct', layout: flPoint },
    corners: { offset: 40, type: 'struct', layout: flPoint, length: 2 },
  },
} as const;
`);
});

test('a struct comes behind those it holds, whatever the order they are declared in', () => {
  const text = layoutModule(structOf({ name: 'corners', type_id: 11, bits_offset: 0 }), contract);
  expect(text.indexOf('const flPoint')).toBeGreaterThan(0);
  expect(text.indexOf('const flThing')).toBeGreaterThan(text.indexOf('const flPoint'));
});

test('an enum becomes constants under their C names', () => {
  expect(layoutModule({ types: [reason] }, contract)).toContain(`/** enum fl_reason */
export const FlReason = {
  FL_REASON_NONE: 0,
  FL_REASON_LATE: 7,
} as const;
`);
});

test("the system's own types are left out", () => {
  expect(layoutModule({ types: scalars }, contract)).not.toContain('bpfTimer');
});

test.each([
  [{ name: 'next', type_id: 9, bits_offset: 0 }, 'struct fl_thing, next: no TypeScript type for PTR'],
  [
    { name: 'timer', type_id: 6, bits_offset: 0 },
    'struct fl_thing, timer: struct bpf_timer has no layout here',
  ],
  [
    { name: 'bit', type_id: 4, bits_offset: 3, bitfield_size: 1 },
    'struct fl_thing, bit: a bit field has no portable layout',
  ],
])('a field that TypeScript cannot read stops the build (%#)', (member, message) => {
  expect(() => layoutModule(structOf(member), contract)).toThrow(message);
});
