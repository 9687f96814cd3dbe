/**
 * Structs of bpf/include/abi.h as JavaScript values, by the layouts in abi.gen.ts.
 *
 * 64-bit fields are bigints, the others numbers; be16 and be32 are network order on the wire and plain
 * numbers here. Nested structs stay bytes, to be decoded with their own layout.
 */

type Scalar = 'u8' | 'u16' | 'u32' | 'u64' | 's32' | 's64' | 'be16' | 'be32';
type Field =
  | { readonly offset: number; readonly type: Scalar; readonly length?: undefined }
  | { readonly offset: number; readonly type: Scalar; readonly length: number }
  | { readonly offset: number; readonly type: 'struct'; readonly size: number };

export type Layout = { readonly size: number; readonly fields: Readonly<Record<string, Field>> };

type ScalarValue<T> = T extends 'u64' | 's64' ? bigint : number;
type FieldValue<F> = F extends { type: 'struct' }
  ? Uint8Array
  : F extends { type: infer T; length: number }
    ? readonly ScalarValue<T>[]
    : F extends { type: infer T }
      ? ScalarValue<T>
      : never;

export type Decoded<L extends Layout> = { readonly [K in keyof L['fields']]: FieldValue<L['fields'][K]> };

type ScalarCodec = {
  readonly width: number;
  readonly read: (view: DataView, at: number) => number | bigint;
  readonly write: (view: DataView, at: number, value: number | bigint) => void;
};

/** Native order is little-endian on every machine this runs on. */
const scalars: Readonly<Record<Scalar, ScalarCodec>> = {
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
    write: (v, at, n) => v.setBigUint64(at, BigInt(n), true),
  },
  s64: {
    width: 8,
    read: (v, at) => v.getBigInt64(at, true),
    write: (v, at, n) => v.setBigInt64(at, BigInt(n), true),
  },
  be16: { width: 2, read: (v, at) => v.getUint16(at), write: (v, at, n) => v.setUint16(at, Number(n)) },
  be32: { width: 4, read: (v, at) => v.getUint32(at), write: (v, at, n) => v.setUint32(at, Number(n)) },
};

/** The struct at `at`. */
export function decode<L extends Layout>(layout: L, bytes: Uint8Array, at = 0): Decoded<L> {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, layout.size);
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(layout.fields)) {
    if (field.type === 'struct') value[name] = bytes.slice(at + field.offset, at + field.offset + field.size);
    else if (field.length === undefined) value[name] = scalars[field.type].read(view, field.offset);
    else
      value[name] = elements(field.offset, field.type, field.length).map((offset) =>
        scalars[field.type as Scalar].read(view, offset),
      );
  }
  return value as Decoded<L>;
}

/** The struct's bytes; fields left out are 0. */
export function encode<L extends Layout>(layout: L, value: Partial<Decoded<L>>): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  for (const [name, field] of Object.entries(layout.fields)) {
    const given: unknown = value[name as keyof typeof value];
    if (given === undefined) continue;
    if (field.type === 'struct') bytes.set(given as Uint8Array, field.offset);
    else if (field.length === undefined)
      scalars[field.type].write(view, field.offset, given as number | bigint);
    else
      elements(field.offset, field.type, field.length).forEach((offset, index) => {
        scalars[field.type as Scalar].write(view, offset, (given as readonly number[])[index] ?? 0);
      });
  }
  return bytes;
}

function elements(offset: number, type: Scalar, length: number): readonly number[] {
  return Array.from({ length }, (_, index) => offset + index * scalars[type].width);
}
