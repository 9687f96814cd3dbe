/** BPF maps with typed keys and values, each over one descriptor. */

import { mapInfo } from '../../linux/bpf-info.ts';
import {
  mapDelete,
  mapLookup,
  mapLookupBatch,
  mapUpdate,
  mapUpdateBatch,
  possibleCpus,
} from '../../linux/bpf-map.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { type Decoded, decode, decodeIn, type Encodable, encode, encodeAll, type Layout } from './layout.ts';

export type HashMap<K extends Layout, V extends Layout> = {
  get(key: Encodable<K>): Decoded<V> | undefined;
  set(key: Encodable<K>, value: Encodable<V>): void;
  /** Many at once, each as a whole, but not all of them: some may be written when it throws. */
  setMany(entries: Iterable<readonly [key: Encodable<K>, value: Encodable<V>]>): void;
  /** False when there was no such key. */
  delete(key: Encodable<K>): boolean;
  /** All entries; one that appears or goes meanwhile may or may not be among them. */
  entries(): Generator<readonly [Decoded<K>, Decoded<V>]>;
  /** Without their values, for those that are large. */
  keys(): Generator<Decoded<K>>;
  /** Keys as they lie there, in pieces of about so many at most; each is valid until the next one. */
  keyPieces(most: number): Generator<KeyPiece>;
};

export type KeyPiece = { readonly keys: Uint8Array; readonly count: number };

export function hashMap<K extends Layout, V extends Layout>(fd: Fd, keys: K, values: V): HashMap<K, V> {
  const room = new Uint8Array(values.size);
  return {
    get: (key) => (mapLookup(fd, encode(keys, key), room) ? decode(values, room) : undefined),
    set: (key, value) => mapUpdate(fd, encode(keys, key), encode(values, value)),
    setMany: (entries) => {
      for (const part of parts(entries)) {
        const keyBytes = encodeAll(
          keys,
          part.map(([key]) => key),
        );
        const bytes = encodeAll(
          values,
          part.map(([, value]) => value),
        );
        mapUpdateBatch(fd, keyBytes, bytes, part.length);
      }
    },
    delete: (key) => mapDelete(fd, encode(keys, key)),
    entries: function* () {
      for (const batch of batches(fd, keys.size, values.size)) {
        for (let index = 0; index < batch.count; index++) {
          yield [
            decodeIn(keys, batch.keys, index * keys.size),
            decodeIn(values, batch.values, index * values.size),
          ] as const;
        }
      }
    },
    keys: function* () {
      for (const batch of batches(fd, keys.size, values.size)) {
        for (let index = 0; index < batch.count; index++) yield decodeIn(keys, batch.keys, index * keys.size);
      }
    },
    keyPieces: function* (most) {
      for (const batch of batches(fd, keys.size, values.size, undefined, most))
        yield { keys: new Uint8Array(batch.keys.buffer), count: batch.count };
    },
  };
}

/** Some elements of an array, one behind the other. They are there until the next piece is asked for. */
export type Piece = { readonly first: number; readonly count: number; readonly values: DataView };

export type ArrayMap<V extends Layout> = {
  get(index: number): Decoded<V>;
  set(index: number, value: Encodable<V>): void;
  /** Many at once. Not as a whole: some may be written when it throws. */
  setMany(entries: Iterable<readonly [index: number, value: Encodable<V>]>): void;
  /** Elements from `first` on. */
  range(first: number, count: number): readonly Decoded<V>[];
  /** The elements from `first` to below `end` as they lie there: for whoever wants little of many. */
  pieces(first: number, end: number): Generator<Piece>;
  /** Entries in order of their index, as far as any is used: those whose bytes are all 0 are left out. */
  used(): Generator<readonly [number, Decoded<V>]>;
};

export function arrayMap<V extends Layout>(fd: Fd, values: V): ArrayMap<V> {
  const room = new Uint8Array(values.size);
  return {
    get: (index) => {
      mapLookup(fd, arrayKey(index), room);
      return decode(values, room);
    },
    set: (index, value) => mapUpdate(fd, arrayKey(index), encode(values, value)),
    setMany: (entries) => {
      for (const part of parts(entries)) {
        const keys = Uint32Array.from(part, ([index]) => index);
        const bytes = encodeAll(
          values,
          part.map(([, value]) => value),
        );
        mapUpdateBatch(fd, new Uint8Array(keys.buffer), bytes, part.length);
      }
    },
    range: (first, count) => {
      const decoded: Decoded<V>[] = [];
      for (const piece of pieces(fd, values.size, first, first + count)) {
        for (let at = 0; at < piece.count; at++)
          decoded.push(decodeIn(values, piece.values, at * values.size));
      }
      return decoded;
    },
    pieces: (first, end) => pieces(fd, values.size, first, end),
    used: function* () {
      for (const { keys, values: structs, count } of batches(fd, 4, values.size)) {
        const bytes = Buffer.from(structs.buffer, 0, count * values.size);
        if (isZero(bytes)) continue; // most of a large array is
        for (let at = 0; at < count; at++) {
          const from = at * values.size;
          if (isZero(bytes.subarray(from, from + values.size))) continue;
          yield [keys.getUint32(at * 4, true), decodeIn(values, structs, from)] as const;
        }
      }
    },
  };
}

/** Some of what is in a section of data: as many elements as its octets make, in the one element of a map. */
export type SectionMap<V extends Layout> = Pick<ArrayMap<V>, 'get' | 'set' | 'setMany' | 'range' | 'used'>;

/** Whoever else writes to it at the same time may undo what is written here: a section is written as a whole. */
export function sectionMap<V extends Layout>(fd: Fd, values: V): SectionMap<V> {
  const room = new Uint8Array(mapInfo(fd).valueSize);
  const key = arrayKey(0);
  const read = (): Uint8Array => {
    mapLookup(fd, key, room);
    return room;
  };
  const setMany: SectionMap<V>['setMany'] = (entries) => {
    const all = read();
    for (const [index, value] of entries) all.set(encode(values, value), index * values.size);
    mapUpdate(fd, key, all);
  };
  return {
    get: (index) => decode(values, read(), index * values.size),
    set: (index, value) => setMany([[index, value]]),
    setMany,
    range: (first, count) => {
      const all = read();
      return Array.from({ length: count }, (_, at) => decode(values, all, (first + at) * values.size));
    },
    used: function* () {
      const all = Buffer.from(read());
      for (let index = 0; index * values.size < all.length; index++) {
        const element = all.subarray(index * values.size, (index + 1) * values.size);
        if (!isZero(element)) yield [index, decode(values, element)] as const;
      }
    },
  };
}

export type PerCpuArray<V extends Layout> = {
  /** The value of each CPU. */
  get(index: number): readonly Decoded<V>[];
  clear(index: number): void;
};

export function perCpuArray<V extends Layout>(fd: Fd, values: V): PerCpuArray<V> {
  const stride = (values.size + 7) & ~7;
  const cpus = possibleCpus();
  const room = new Uint8Array(stride * cpus);
  return {
    get: (index) => {
      mapLookup(fd, arrayKey(index), room);
      return Array.from({ length: cpus }, (_, cpu) => decode(values, room, cpu * stride));
    },
    clear: (index) => mapUpdate(fd, arrayKey(index), new Uint8Array(stride * cpus)),
  };
}

/** An array in which each CPU has a part of its own: all elements of one, behind them those of the next. */
export type CpuParts<V extends Layout> = {
  /** The value of each CPU. */
  get(index: number): readonly Decoded<V>[];
  /** The elements from `first` to below `end` as they lie there, one CPU's and then the next one's. */
  pieces(first: number, end: number): Generator<Piece>;
  /** Not as a whole: some may be cleared when it throws. */
  clearMany(indexes: Iterable<number>): void;
};

/** `size` elements in each part. */
export function cpuParts<V extends Layout>(fd: Fd, values: V, size: number): CpuParts<V> {
  const begins = Array.from({ length: possibleCpus() }, (_, cpu) => cpu * size);
  const all = arrayMap(fd, values);
  return {
    get: (index) => begins.map((begin) => all.get(begin + index)),
    pieces: function* (first, end) {
      for (const begin of begins) {
        for (const piece of all.pieces(begin + first, begin + end))
          yield { ...piece, first: piece.first - begin };
      }
    },
    clearMany: (indexes) => {
      for (const part of parts(indexes)) {
        const zeros = new Uint8Array(values.size * part.length);
        for (const begin of begins) {
          const keys = Uint32Array.from(part, (index) => begin + index);
          mapUpdateBatch(fd, new Uint8Array(keys.buffer), zeros, keys.length);
        }
      }
    },
  };
}

/** Compared octet by octet with itself, one further: as fast as the C library does. */
function isZero(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.compare(bytes, 1, bytes.length, 0, bytes.length - 1) === 0;
}

/** The elements from `first` to below `end` of an array. */
function* pieces(fd: Fd, size: number, first: number, end: number): Generator<Piece> {
  if (first >= end) return;
  const behind = first === 0 ? undefined : arrayKey(first - 1);
  let at = first;
  for (const { values, count } of batches(fd, 4, size, behind, end - first)) {
    yield { first: at, count: Math.min(count, end - at), values };
    at += count;
    if (at >= end) return;
  }
}

export function arrayKey(index: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  return key;
}

export type FilledBatch = { readonly keys: DataView; readonly values: DataView; readonly count: number };

/** A list as many elements at a time as one call writes. */
export function* parts<T>(list: Iterable<T>): Generator<readonly T[]> {
  let part: T[] = [];
  for (const item of list) {
    if (part.push(item) < batchSize) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** As many elements at a time as fit into a buffer of this size, but not more than a batch. */
const bufferBytes = 1 << 20;
const batchSize = 1024;

/**
 * The map in pieces, from behind a key on where one is given, in pieces no larger than `wanted`.
 * The buffers are used again for the next piece.
 */
export function* batches(
  fd: Fd,
  keySize: number,
  valueSize: number,
  behind?: Uint8Array,
  wanted: number = batchSize,
): Generator<FilledBatch> {
  let capacity = Math.min(wanted, batchSize, Math.ceil(bufferBytes / valueSize));
  let keys = new Uint8Array(capacity * keySize);
  let values = new Uint8Array(capacity * valueSize);
  let from = behind;
  let exhausted = false;
  while (!exhausted) {
    const batch = mapLookupBatch(fd, from, keys, values, capacity);
    if (batch) {
      yield { keys: new DataView(keys.buffer), values: new DataView(values.buffer), count: batch.count };
      from = batch.next;
      exhausted = from === undefined;
    } else {
      capacity *= 2;
      keys = new Uint8Array(capacity * keySize);
      values = new Uint8Array(capacity * valueSize);
    }
  }
}
