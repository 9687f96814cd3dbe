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

const widths: Readonly<Record<Scalar, number>> = {
  u8: 1,
  u16: 2,
  be16: 2,
  u32: 4,
  s32: 4,
  be32: 4,
  u64: 8,
  s64: 8,
};

/** The struct at `at`. */
export function decode<L extends Layout>(layout: L, bytes: Uint8Array, at = 0): Decoded<L> {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, layout.size);
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(layout.fields)) {
    if (field.type === 'struct') value[name] = bytes.slice(at + field.offset, at + field.offset + field.size);
    else if (field.length === undefined) value[name] = read(view, field.type, field.offset);
    else value[name] = elements(field.offset, field.type, field.length).map((o) => read(view, field.type, o));
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
    else if (field.length === undefined) write(view, field.type, field.offset, given as number | bigint);
    else
      elements(field.offset, field.type, field.length).forEach((offset, index) => {
        write(view, field.type, offset, (given as readonly number[])[index] ?? 0);
      });
  }
  return bytes;
}

function elements(offset: number, type: Scalar, length: number): readonly number[] {
  return Array.from({ length }, (_, index) => offset + index * widths[type]);
}

function read(view: DataView, type: Scalar, offset: number): number | bigint {
  switch (type) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u32':
      return view.getUint32(offset, true);
    case 's32':
      return view.getInt32(offset, true);
    case 'u64':
      return view.getBigUint64(offset, true);
    case 's64':
      return view.getBigInt64(offset, true);
    case 'be16':
      return view.getUint16(offset);
    case 'be32':
      return view.getUint32(offset);
  }
}

function write(view: DataView, type: Scalar, offset: number, value: number | bigint): void {
  switch (type) {
    case 'u8':
      return view.setUint8(offset, Number(value));
    case 'u16':
      return view.setUint16(offset, Number(value), true);
    case 'u32':
      return view.setUint32(offset, Number(value), true);
    case 's32':
      return view.setInt32(offset, Number(value), true);
    case 'u64':
      return view.setBigUint64(offset, BigInt(value), true);
    case 's64':
      return view.setBigInt64(offset, BigInt(value), true);
    case 'be16':
      return view.setUint16(offset, Number(value));
    case 'be32':
      return view.setUint32(offset, Number(value));
  }
}
