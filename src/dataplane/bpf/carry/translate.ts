/**
 * From a struct as one version lays it out to the same struct as another does: fields keep their names. What is only in
 * the one is dropped, what is only in the other stays as it was there. Worked out once, then a handful of
 * moves for each of a million entries. Pure.
 */

import { type Layout, scalars } from '../layout.ts';
import type { Meaning } from './meanings.ts';

/** Writes into `to` what `from` says. */
export type Translation = (from: DataView, at: number, to: DataView, toAt: number) => void;

/** Why there is none: a field that is not the same any more. */
export class Untranslatable extends Error {}

export type Ways = {
  /** What a field of the earlier one is called in the other, by dotted path: `key.client` is `key.client.word.0`. */
  readonly renamed?: Readonly<Record<string, string>> | undefined;
  /** Fields that mean something else, by dotted path. */
  readonly meanings?: ReadonlyMap<string, Meaning['of']>;
};

type Scalar = keyof typeof scalars;
type Leaf = { readonly offset: number; readonly type: Scalar };
type Move = { readonly from: number; readonly to: number; readonly bytes: number };

/** Throws Untranslatable where a field has become a struct, an array or the other way round. */
export function translation(
  earlier: Layout,
  layout: Layout,
  { renamed = {}, meanings }: Ways = {},
): Translation {
  const known = new Map(leavesOf(earlier).map(([path, leaf]) => [renamed[path] ?? path, leaf]));
  const moves: Move[] = [];
  const changes: Translation[] = [];
  for (const [path, leaf] of leavesOf(layout)) {
    const source = known.get(path);
    if (!source) refuseOtherShape(path, known);
    else if (source.type === leaf.type && !meanings?.has(path))
      addMove(moves, { from: source.offset, to: leaf.offset, bytes: scalars[leaf.type].width });
    else changes.push(changed(source, leaf, meanings?.get(path)));
  }
  const steps = moves.flatMap(inWords);
  return (from, at, to, toAt) => {
    for (const { from: offset, to: toOffset, bytes } of steps) {
      if (bytes === 4) to.setUint32(toAt + toOffset, from.getUint32(at + offset, true), true);
      else to.setUint8(toAt + toOffset, from.getUint8(at + offset));
    }
    for (const change of changes) change(from, at, to, toAt);
  };
}

/** What only fills a struct up. */
const padding = /^pad\d*$/;

/** Every number in a struct, those in its structs and arrays with dotted paths. */
function leavesOf(layout: Layout): readonly (readonly [path: string, leaf: Leaf])[] {
  const named = Object.entries(layout.fields).filter(([name]) => !padding.test(name));
  return named.flatMap(([name, field]) =>
    Array.from({ length: field.length ?? 1 }).flatMap((_, index) => {
      const path = field.length === undefined ? name : `${name}.${index}`;
      if (field.type !== 'struct') {
        const offset = field.offset + index * scalars[field.type].width;
        return [[path, { offset, type: field.type }] as const];
      }
      const begin = field.offset + index * field.layout.size;
      return leavesOf(field.layout).map(
        ([inner, leaf]) => [`${path}.${inner}`, { ...leaf, offset: begin + leaf.offset }] as const,
      );
    }),
  );
}

/** A field that is new is no trouble; one whose name stands for something of another shape is. */
function refuseOtherShape(path: string, known: ReadonlyMap<string, Leaf>): void {
  const parts = path.split('.');
  for (let length = parts.length - 1; length > 0; length--) {
    const outer = parts.slice(0, length).join('.');
    if (known.has(outer)) throw new Untranslatable(`${outer} was a number`);
  }
  for (const other of known.keys())
    if (other.startsWith(`${path}.`)) throw new Untranslatable(`${path} was not a number`);
}

/** Neighbours that stay neighbours are one move. */
function addMove(moves: Move[], move: Move): void {
  const last = moves.at(-1);
  if (last && last.from + last.bytes === move.from && last.to + last.bytes === move.to)
    moves[moves.length - 1] = { ...last, bytes: last.bytes + move.bytes };
  else moves.push(move);
}

function inWords({ from, to, bytes }: Move): readonly Move[] {
  const words = Math.floor(bytes / 4);
  return [
    ...Array.from({ length: words }, (_, word) => ({ from: from + word * 4, to: to + word * 4, bytes: 4 })),
    ...Array.from({ length: bytes % 4 }, (_, rest) => {
      const further = words * 4 + rest;
      return { from: from + further, to: to + further, bytes: 1 };
    }),
  ];
}

/** A number of another width or byte order: its value stays, as far as there is room for it. */
function changed(source: Leaf, leaf: Leaf, of: Meaning['of'] = (value) => value): Translation {
  const { read } = scalars[source.type];
  const { write } = scalars[leaf.type];
  return (from, at, to, toAt) =>
    write(to, toAt + leaf.offset, of(BigInt(read(from, at + source.offset) as number | bigint)));
}
