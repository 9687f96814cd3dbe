/**
 * BTF, the description of types that a compiled object has and the kernel keeps with its maps, read into layouts as
 * abi.gen.ts has them. Documentation/bpf/btf.rst of the kernel says how it is laid out. Pure.
 */

import type { Layout } from '../layout.ts';

export type Btf = {
  /** A struct's layout by its name. Throws Undescribed where there is none, or one of its fields cannot be read. */
  struct(name: string): Layout;
  /** The same by a type's number; of a bare number, a layout with the one field `value`. */
  type(id: number): Layout;
  /** What a section of data is made of, its variable or the elements of that; `undefined`: the type is no section. */
  section(id: number): Layout | undefined;
  /** An enum's numbers by their names, without any where there is no such enum. */
  enumeration(name: string): ReadonlyMap<string, number>;
};

/** Why a layout cannot be told. */
export class Undescribed extends Error {}

type Member = { readonly name: string; readonly type: number; readonly bits: number };
type Type = {
  readonly kind: number;
  readonly name: string;
  /** Octets, or the number of another type: by the kind. */
  readonly sizeOrType: number;
  readonly isSigned?: boolean;
  readonly elements?: { readonly type: number; readonly count: number };
  readonly members?: readonly Member[];
  /** The type of the first variable of a section. */
  readonly variable?: number;
  readonly values?: readonly (readonly [name: string, value: number])[];
};

const magic = 0xeb9f;
const headerBytes = 24;

const kinds = {
  int: 1,
  array: 3,
  struct: 4,
  union: 5,
  enumeration: 6,
  typedef: 8,
  volatile: 9,
  constant: 10,
  functionType: 13,
  variable: 14,
  section: 15,
  declarationTag: 17,
  enumeration64: 19,
} as const;

/** Octets that follow the first twelve of a type, of a fixed number or for each of its `vlen` parts. */
const more: Readonly<Record<number, number>> = {
  [kinds.int]: 4,
  [kinds.array]: 12,
  [kinds.variable]: 4,
  [kinds.declarationTag]: 4,
};
const moreEach: Readonly<Record<number, number>> = {
  [kinds.struct]: 12,
  [kinds.union]: 12,
  [kinds.enumeration]: 8,
  [kinds.functionType]: 8,
  [kinds.section]: 12,
  [kinds.enumeration64]: 12,
};

/** Throws Undescribed for octets that are no BTF. */
export function readBtf(bytes: Uint8Array): Btf {
  const types = readTypes(bytes);
  const layouts = new Map<number, Layout>();
  const byName = new Map<string, number>();
  for (const [id, { kind, name }] of types.entries())
    if (kind === kinds.struct && name !== '' && !byName.has(name)) byName.set(name, id);

  const typeAt = (id: number): Type => {
    const type = types[id];
    if (!type) throw new Undescribed(`BTF has no type ${id}`);
    return type;
  };
  const structAt = (id: number): Layout => {
    const known = layouts.get(id);
    if (known) return known;
    const { name: struct, sizeOrType: size, members = [] } = typeAt(id);
    const fields = members.map(({ name, type, bits }) => {
      const where = `struct ${struct}, ${name}`;
      if (bits % 8 !== 0) throw new Undescribed(`${where} is a bit field`);
      return [camelCase(name), { offset: bits / 8, ...shapeOf(type, where) }] as const;
    });
    const layout: Layout = { size, fields: Object.fromEntries(fields) };
    layouts.set(id, layout);
    return layout;
  };
  const shapeOf = (id: number, where: string): Shape => {
    const { kind, name, sizeOrType, isSigned, elements } = typeAt(id);
    const bigEndian = /^__be(16|32)$/.exec(name)?.[1];
    if (bigEndian !== undefined) return { type: `be${bigEndian as '16' | '32'}` };
    switch (kind) {
      case kinds.typedef:
      case kinds.constant:
      case kinds.volatile:
        return shapeOf(sizeOrType, where);
      case kinds.int:
      case kinds.enumeration:
        return { type: numberType(sizeOrType, isSigned === true, where) };
      case kinds.struct:
        return { type: 'struct', layout: structAt(id) };
      case kinds.array: {
        const one = shapeOf(elements?.type ?? 0, where);
        if (one.length !== undefined) throw new Undescribed(`${where} is an array of arrays`);
        return { ...one, length: elements?.count ?? 0 };
      }
      default:
        throw new Undescribed(`${where} is of kind ${kind}`);
    }
  };
  const layoutOf = (shape: Shape): Layout =>
    shape.type === 'struct'
      ? shape.layout
      : { size: widthOf(shape.type), fields: { value: { offset: 0, ...shape } } };
  return {
    struct: (name) => {
      const id = byName.get(name);
      if (id === undefined) throw new Undescribed(`BTF has no struct ${name}`);
      return structAt(id);
    },
    type: (id) => layoutOf(shapeOf(id, `type ${id}`)),
    section: (id) => {
      const { kind, name, variable = 0 } = typeAt(id);
      if (kind !== kinds.section) return undefined;
      const { length: _, ...one } = shapeOf(typeAt(variable).sizeOrType, `section ${name}`);
      return layoutOf(one);
    },
    enumeration: (name) =>
      new Map(types.find((type) => type.kind === kinds.enumeration && type.name === name)?.values),
  };
}

type Shape = Layout['fields'][string] extends infer F
  ? F extends unknown
    ? Omit<F, 'offset'>
    : never
  : never;
type NumberType = Exclude<Shape['type'], 'struct'>;

function numberType(size: number, isSigned: boolean, where: string): NumberType {
  const name = `${isSigned ? 's' : 'u'}${size * 8}`;
  if (!/^(u8|u16|u32|u64|s32|s64)$/.test(name))
    throw new Undescribed(`${where} is a number of ${size} octets`);
  return name as NumberType;
}

function widthOf(type: NumberType): number {
  return Number(/\d+$/.exec(type)?.[0]) / 8;
}

/** All types by number; 0 is void. */
function readTypes(bytes: Uint8Array): readonly Type[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerBytes || view.getUint16(0, true) !== magic) throw new Undescribed('no BTF');
  const header = view.getUint32(4, true);
  const [from, length, strings] = [8, 12, 16].map((at) => view.getUint32(at, true)) as [
    number,
    number,
    number,
  ];
  const end = header + from + length;
  if (end > bytes.length || header + strings > bytes.length) throw new Undescribed('BTF that is cut short');
  const nameAt = (offset: number): string => {
    const begin = header + strings + offset;
    return Buffer.from(bytes.subarray(begin, bytes.indexOf(0, begin))).toString('latin1');
  };
  const types: Type[] = [{ kind: 0, name: '', sizeOrType: 0 }];
  for (let at = header + from; at < end; ) {
    const information = view.getUint32(at + 4, true);
    const [kind, parts] = [(information >>> 24) & 0x1f, information & 0xffff];
    const size = 12 + (more[kind] ?? 0) + (moreEach[kind] ?? 0) * parts;
    if (at + size > end) throw new Undescribed('BTF that is cut short');
    types.push({
      ...{ kind, name: nameAt(view.getUint32(at, true)), sizeOrType: view.getUint32(at + 8, true) },
      ...partsOf(view, at + 12, { kind, parts, hasBitFields: information >>> 31 === 1 }, nameAt),
    });
    at += size;
  }
  return types;
}

function partsOf(
  view: DataView,
  from: number,
  { kind, parts, hasBitFields }: { kind: number; parts: number; hasBitFields: boolean },
  nameAt: (offset: number) => string,
): Partial<Type> {
  const word = (at: number): number => view.getUint32(at, true);
  const each = <T>(bytes: number, read: (at: number) => T): readonly T[] =>
    Array.from({ length: parts }, (_, part) => read(from + part * bytes));
  switch (kind) {
    case kinds.int:
      return { isSigned: ((word(from) >>> 24) & 1) === 1 };
    case kinds.array:
      return { elements: { type: word(from), count: word(from + 8) } };
    case kinds.struct:
      // With bit fields the upper eight bits of an offset say how many bits the field has.
      return {
        members: each(12, (at) => ({
          name: nameAt(word(at)),
          type: word(at + 4),
          bits: hasBitFields && word(at + 8) >>> 24 !== 0 ? 1 : word(at + 8) & 0xffffff,
        })),
      };
    case kinds.section:
      return parts === 0 ? {} : { variable: word(from) };
    case kinds.enumeration:
      return { values: each(8, (at) => [nameAt(word(at)), word(at + 4)] as const) };
    default:
      return {};
  }
}

/** As abi.gen.ts calls it. */
function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
