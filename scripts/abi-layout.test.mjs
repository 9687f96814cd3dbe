import { expect, test } from 'vitest';

import { layoutModule } from './abi-layout.mjs';

/** @typedef {import('./abi-layout.mjs').BtfType} BtfType */

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
/** @type {readonly BtfType[]} */
const scalars = [int, byte, be32, u32, sixBytes, timer, long, reason, pointer];

/** @param {...(NonNullable<BtfType['members']>[number])} members @returns {{ types: BtfType[] }} */
function structOf(...members) {
  return { types: [...scalars, { id: 20, kind: 'STRUCT', name: 'fl_thing', size: 64, members }] };
}

test('a struct becomes a layout: offsets in bytes, byte order, arrays, nested structs', () => {
  const btf = structOf(
    { name: 'address', type_id: 3, bits_offset: 0 },
    { name: 'mac', type_id: 5, bits_offset: 32 },
    { name: 'last_seen', type_id: 7, bits_offset: 128 },
    { name: 'why', type_id: 8, bits_offset: 192 },
    { name: 'timer', type_id: 6, bits_offset: 256 },
  );
  expect(layoutModule(btf)).toContain(`/** struct fl_thing */
export const flThing = {
  size: 64,
  fields: {
    address: { offset: 0, type: 'be32' },
    mac: { offset: 4, type: 'u8', length: 6 },
    lastSeen: { offset: 16, type: 's64' },
    why: { offset: 24, type: 'u32' },
    timer: { offset: 32, type: 'struct', size: 16 },
  },
} as const;
`);
});

test('an enum becomes constants under their C names', () => {
  expect(layoutModule({ types: [reason] })).toContain(`/** enum fl_reason */
export const FlReason = {
  FL_REASON_NONE: 0,
  FL_REASON_LATE: 7,
} as const;
`);
});

test("the system's own types are left out", () => {
  expect(layoutModule({ types: scalars })).not.toContain('bpfTimer');
});

test.each([
  [{ name: 'next', type_id: 9, bits_offset: 0 }, 'struct fl_thing, next: no TypeScript type for PTR'],
  [
    { name: 'bit', type_id: 4, bits_offset: 3, bitfield_size: 1 },
    'struct fl_thing, bit: a bit field has no portable layout',
  ],
])('a field that TypeScript cannot read stops the build (%#)', (member, message) => {
  expect(() => layoutModule(structOf(member))).toThrow(message);
});
