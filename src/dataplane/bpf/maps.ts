/** BPF maps with typed keys and values, each over one descriptor. */

import { mapDelete, mapLookup, mapLookupBatch, mapUpdate, possibleCpus } from '../../linux/bpf-map.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { type Decoded, decode, encode, type Layout } from './layout.ts';

export type HashMap<K extends Layout, V extends Layout> = {
  get(key: Partial<Decoded<K>>): Decoded<V> | undefined;
  set(key: Partial<Decoded<K>>, value: Partial<Decoded<V>>): void;
  /** False when there was no such key. */
  delete(key: Partial<Decoded<K>>): boolean;
  /** All entries; one that appears or goes meanwhile may or may not be among them. */
  entries(): Generator<readonly [Decoded<K>, Decoded<V>]>;
};

export function hashMap<K extends Layout, V extends Layout>(fd: Fd, keys: K, values: V): HashMap<K, V> {
  const room = new Uint8Array(values.size);
  return {
    get: (key) => (mapLookup(fd, encode(keys, key), room) ? decode(values, room) : undefined),
    set: (key, value) => mapUpdate(fd, encode(keys, key), encode(values, value)),
    delete: (key) => mapDelete(fd, encode(keys, key)),
    entries: function* () {
      for (const batch of batches(fd, keys.size, values.size)) {
        for (let index = 0; index < batch.count; index++) {
          yield [
            decode(keys, batch.keys, index * keys.size),
            decode(values, batch.values, index * values.size),
          ] as const;
        }
      }
    },
  };
}

export type ArrayMap<V extends Layout> = {
  get(index: number): Decoded<V>;
  set(index: number, value: Partial<Decoded<V>>): void;
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
    used: function* () {
      for (const batch of batches(fd, 4, values.size)) {
        const indexes = new DataView(batch.keys.buffer);
        for (let at = 0; at < batch.count; at++) {
          const from = at * values.size;
          const isUsed = batch.values.subarray(from, from + values.size).some((byte) => byte !== 0);
          if (isUsed) yield [indexes.getUint32(at * 4, true), decode(values, batch.values, from)] as const;
        }
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

function arrayKey(index: number): Uint8Array {
  const key = new Uint8Array(4);
  new DataView(key.buffer).setUint32(0, index, true);
  return key;
}

type FilledBatch = { readonly keys: Uint8Array; readonly values: Uint8Array; readonly count: number };

/** The map in pieces. The buffers are used again for the next piece. */
function* batches(fd: Fd, keySize: number, valueSize: number): Generator<FilledBatch> {
  let capacity = 1024;
  let keys = new Uint8Array(capacity * keySize);
  let values = new Uint8Array(capacity * valueSize);
  let from: Uint8Array | undefined;
  let exhausted = false;
  while (!exhausted) {
    const batch = mapLookupBatch(fd, from, keys, values, capacity);
    if (batch) {
      yield { keys, values, count: batch.count };
      from = batch.next;
      exhausted = from === undefined;
    } else {
      capacity *= 2;
      keys = new Uint8Array(capacity * keySize);
      values = new Uint8Array(capacity * valueSize);
    }
  }
}
