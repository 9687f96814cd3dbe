/** The director's maps in memory, for tests: the same bytes, and a hook before each write at which a daemon may die. */

import * as abi from '../abi.gen.ts';
import { type DirectorMaps, u32, u64 } from '../director-maps.ts';
import { interfaceTable } from '../interface-table.ts';
import { decode, type Encodable, encode, type Layout } from '../layout.ts';
import type { ArrayMap, CpuParts, HashMap, PerCpuArray } from '../maps.ts';
import type { Places } from '../places.ts';
import { defaultSettings } from '../settings.ts';

export type MemoryMaps = DirectorMaps & {
  /** Other maps that hold the same. */
  copy(beforeWrite: () => void): MemoryMaps;
  /** A packet of so many bytes to the real server in a slot, as the programs count it. */
  count(slot: number, bytes: bigint): void;
};

type Bytes = ReadonlyMap<number | string, Uint8Array>;

/**
 * A fresh data plane's. `beforeWrite` may throw: then that write is not made. Batches are as many writes as they have
 * elements.
 */
export function memoryMaps(beforeWrite: () => void = () => {}): MemoryMaps {
  return mapsOf(
    beforeWrite,
    new Map([['settings', new Map([[0, encode(abi.flSettings, defaultSettings)]])]]),
  );
}

function mapsOf(beforeWrite: () => void, contents: ReadonlyMap<string, Bytes>): MemoryMaps {
  const made = new Map<string, Bytes>();
  const bytesOf = <K extends number | string>(name: string): Map<K, Uint8Array> => {
    const bytes = new Map(contents.get(name)) as Map<K, Uint8Array>;
    made.set(name, bytes);
    return bytes;
  };
  const array = <V extends Layout>(name: string, layout: V): ArrayMap<V> =>
    memoryArray(bytesOf(name), layout, beforeWrite);
  const hash = <K extends Layout, V extends Layout>(name: string, keys: K, layout: V): HashMap<K, V> =>
    memoryHash(bytesOf(name), keys, layout, beforeWrite);
  /** Of one CPU. */
  const counts = <V extends Layout>(values: ArrayMap<V>): CpuParts<V> & PerCpuArray<V> => ({
    get: (index) => [values.get(index)],
    pieces: values.pieces,
    clear: (index) => values.set(index, {}),
    clearMany: (indexes) => values.setMany([...indexes].map((index) => [index, {}] as const)),
  });
  const destinationCounts = bytesOf<number>('dest_counts');
  const byPackets = memoryArray(destinationCounts, abi.flCounts, () => {});
  return {
    settings: array('settings', abi.flSettings),
    interfaces: interfaceTable(array('interfaces', abi.flInterface)),
    services: hash('services', abi.flServiceKey, abi.flService),
    serviceState: array('service_state', abi.flServiceState),
    vips: hash('vips', abi.flVipKey, u32),
    vipFilter: array('vip_filter', u64),
    members: array('members', abi.flMember),
    hashTables: hash('hash_tables', u32, abi.flHashTable),
    destinations: array('destinations', abi.flDestination),
    destinationState: array('dest_state', abi.flDestinationState),
    destinationLoad: array('dest_load', abi.flDestinationLoad),
    destinationCounts: counts(memoryArray(destinationCounts, abi.flCounts, beforeWrite)),
    masqServers: hash('masq_servers', abi.flServiceKey, u32),
    tables: array('tables', abi.flTable),
    tableIpv4: memoryPlaces(abi.flBucketIpv4, beforeWrite),
    tableIpv6: memoryPlaces(abi.flBucketIpv6, beforeWrite),
    outsideCounts: array('outside_counts', u32),
    connections: hash('connections', abi.flConnectionKey, abi.flConnection),
    templates: hash('templates', abi.flTemplateKey, abi.flTemplate),
    sipTemplates: hash('sip_templates', abi.flSipKey, abi.flSipTemplate),
    markRules: array('mark_rules', abi.flMarkRule),
    pressure: array('pressure', abi.flPressure),
    notForwarded: counts(array('not_forwarded', u64)),
    lastDropped: array('last_dropped', abi.flNotForwardedExample),
    claims: hash('claims', abi.flClaimKey, abi.flClaim),
    testClock: array('test_clock', u64),
    copy: (before) => mapsOf(before, made),
    count(slot, bytes) {
      const { inPackets, inBytes, ...counted } = byPackets.get(slot);
      byPackets.set(slot, { ...counted, inPackets: inPackets + 1n, inBytes: inBytes + bytes });
    },
  };
}

/** Chunks without anything in them: what is in a table is up to the test. */
function memoryPlaces<V extends Layout>(layout: V, beforeWrite: () => void): Places<V> {
  const counts = new Map<number, number>();
  return {
    layout,
    chunk: 4,
    chunks: (place) => counts.get(place) ?? 0,
    *put(place, chunks) {
      for (let number = 1; number <= chunks; number++) {
        beforeWrite();
        counts.set(place, number);
        yield;
      }
    },
    awaitPrograms: () => undefined,
    *clear(place) {
      for (let number = (counts.get(place) ?? 0) - 1; number >= 0; number--) {
        beforeWrite();
        counts.set(place, number);
        yield;
      }
    },
    *pieces() {},
  };
}

function memoryArray<V extends Layout>(
  values: Map<number, Uint8Array>,
  layout: V,
  beforeWrite: () => void,
): ArrayMap<V> {
  const get = (index: number) => decode(layout, values.get(index) ?? new Uint8Array(layout.size));
  const set = (index: number, value: Encodable<V>): void => {
    beforeWrite();
    values.set(index, encode(layout, value));
  };
  return {
    get,
    set,
    setMany: (entries) => {
      for (const [index, value] of entries) set(index, value);
    },
    *pieces(first, end) {
      const elements = Array.from({ length: end - first }, (_, at) => values.get(first + at));
      const all = Buffer.concat(elements.map((bytes) => bytes ?? new Uint8Array(layout.size)));
      yield { first, count: end - first, values: new DataView(all.buffer, all.byteOffset, all.length) };
    },
    range: (first, count) => Array.from({ length: count }, (_, index) => get(first + index)),
    *used() {
      for (const [index, bytes] of [...values].sort(([a], [b]) => a - b)) {
        if (bytes.some((byte) => byte !== 0)) yield [index, decode(layout, bytes)];
      }
    },
  };
}

function memoryHash<K extends Layout, V extends Layout>(
  values: Map<string, Uint8Array>,
  keys: K,
  layout: V,
  beforeWrite: () => void,
): HashMap<K, V> {
  const textOf = (key: Encodable<K>): string => Buffer.from(encode(keys, key)).toString('hex');
  const keyOf = (text: string) => decode(keys, Uint8Array.from(Buffer.from(text, 'hex')));
  return {
    get: (key) => {
      const bytes = values.get(textOf(key));
      return bytes && decode(layout, bytes);
    },
    set: (key, value) => {
      beforeWrite();
      values.set(textOf(key), encode(layout, value));
    },
    setMany: (entries) => {
      for (const [key, value] of entries) {
        beforeWrite();
        values.set(textOf(key), encode(layout, value));
      }
    },
    delete: (key) => {
      beforeWrite();
      return values.delete(textOf(key));
    },
    // By hash, that is: in no order anyone could rely on.
    *entries() {
      for (const [key, bytes] of [...values].reverse()) yield [keyOf(key), decode(layout, bytes)];
    },
    *keys() {
      for (const key of [...values.keys()].reverse()) yield keyOf(key);
    },
    *keyPieces() {
      const all = [...values.keys()].map((text) => Buffer.from(text, 'hex'));
      yield { keys: Uint8Array.from(Buffer.concat(all)), count: all.length };
    },
  };
}
