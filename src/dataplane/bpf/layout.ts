/**
 * Structs of bpf/include/abi.h as JavaScript values, by the layouts in abi.gen.ts.
 *
 * 64-bit fields are bigints, the others numbers; be16 and be32 are network order on the wire and plain
 * numbers here. Structs within structs are values within values, arrays of either are arrays.
 */

type Scalar = 'u8' | 'u16' | 'u32' | 'u64' | 's32' | 's64' | 'be16' | 'be32';
type Field =
  | { readonly offset: number; readonly type: Scalar; readonly length?: number }
  | { readonly offset: number; readonly type: 'struct'; readonly layout: Layout; readonly length?: number };

export type Layout = { readonly size: number; readonly fields: Readonly<Record<string, Field>> };

type Value<F> = F extends { layout: infer L extends Layout }
  ? Decoded<L>
  : F extends { type: 'u64' | 's64' }
    ? bigint
    : number;
type Many<F, T> = F extends { length: number } ? readonly T[] : T;

/** What a struct's bytes say. */
export type Decoded<L extends Layout> = {
  readonly [K in keyof L['fields']]: Many<L['fields'][K], Value<L['fields'][K]>>;
};

type Given<F> = F extends { layout: infer L extends Layout } ? Encodable<L> : Value<F>;

/** What a struct's bytes are made of; whatever is left out is 0. */
export type Encodable<L extends Layout> = {
  readonly [K in keyof L['fields']]?: Many<L['fields'][K], Given<L['fields'][K]>>;
};

type Reader = (view: DataView, at: number) => unknown;
type Writer = (view: DataView, at: number, value: unknown) => void;
type Codec = { readonly width: number; readonly read: Reader; readonly write: Writer };

/** By type, the octets of a number. Native order is little-endian on every machine this runs on. */
export const scalars: Readonly<Record<Scalar, Codec>> = {
  u8: { width: 1, read: (v, at) => v.getUint8(at), write: (v, at, n) => v.setUint8(at, Number(n)) },
  u16: {
    width: 2,
    read: (v, at) => v.getUint16(at, true),
    write: (v, at, n) => v.setUint16(at, Number(n), true),
  },
  u32: {
    width: 4,
    read: (v, at) => v.getUint32(at, true),
    write: (v, at, n) => v.setUint32(at, Number(n), true),
  },
  s32: {
    width: 4,
    read: (v, at) => v.getInt32(at, true),
    write: (v, at, n) => v.setInt32(at, Number(n), true),
  },
  u64: {
    width: 8,
    read: (v, at) => v.getBigUint64(at, true),
    write: (v, at, n) => v.setBigUint64(at, BigInt(n as bigint), true),
  },
  s64: {
    width: 8,
    read: (v, at) => v.getBigInt64(at, true),
    write: (v, at, n) => v.setBigInt64(at, BigInt(n as bigint), true),
  },
  be16: { width: 2, read: (v, at) => v.getUint16(at), write: (v, at, n) => v.setUint16(at, Number(n)) },
  be32: { width: 4, read: (v, at) => v.getUint32(at), write: (v, at, n) => v.setUint32(at, Number(n)) },
};

/** Codecs are made once per layout: tables of a million entries are read through them. */
const structs = new WeakMap<Layout, Codec>();

function structCodec(layout: Layout): Codec {
  const known = structs.get(layout);
  if (known) return known;
  const fields = Object.entries(layout.fields).map(([name, field]) => ({
    name,
    offset: field.offset,
    ...fieldCodec(field),
  }));
  const codec: Codec = {
    width: layout.size,
    read: (view, at) => {
      const value: Record<string, unknown> = {};
      for (const { name, offset, read } of fields) value[name] = read(view, at + offset);
      return value;
    },
    write: (view, at, value) => {
      for (const { name, offset, write } of fields) {
        const given = (value as Readonly<Record<string, unknown>>)[name];
        if (given !== undefined) write(view, at + offset, given);
      }
    },
  };
  structs.set(layout, codec);
  return codec;
}

function fieldCodec(field: Field): Codec {
  const one = field.type === 'struct' ? structCodec(field.layout) : scalars[field.type];
  const { length } = field;
  if (length === undefined) return one;
  return {
    width: one.width * length,
    read: (view, at) => Array.from({ length }, (_, index) => one.read(view, at + index * one.width)),
    write: (view, at, values) => {
      const given = (values as readonly unknown[]).slice(0, length);
      for (const [index, value] of given.entries()) one.write(view, at + index * one.width, value);
    },
  };
}

/** The struct at `at`. */
export function decode<L extends Layout>(layout: L, bytes: Uint8Array, at = 0): Decoded<L> {
  return decodeIn(layout, new DataView(bytes.buffer, bytes.byteOffset + at, layout.size), 0);
}

/** The same, of one among many. */
export function decodeIn<L extends Layout>(layout: L, view: DataView, at: number): Decoded<L> {
  return structCodec(layout).read(view, at) as Decoded<L>;
}

/** The struct's bytes. */
export function encode<L extends Layout>(layout: L, value: Encodable<L>): Uint8Array {
  return encodeAll(layout, [value]);
}

/** Structs one behind the other. */
export function encodeAll<L extends Layout>(layout: L, values: readonly Encodable<L>[]): Uint8Array {
  const bytes = new Uint8Array(values.length * layout.size);
  const view = new DataView(bytes.buffer);
  const { write } = structCodec(layout);
  for (const [index, value] of values.entries()) write(view, index * layout.size, value);
  return bytes;
}
