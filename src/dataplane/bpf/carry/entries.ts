/** Connections and templates of another version's tables: read as they lie there, those that a pass is about. */

import { mapInfo } from '../../../linux/bpf-info.ts';
import { mapLookup } from '../../../linux/bpf-map.ts';
import { closeFd, mapById } from '../../../linux/bpf-program.ts';
import type { Fd } from '../../../linux/libbpf.ts';
import {
  FlFamily,
  FlLimit,
  FlTcpState,
  flCarried,
  flCarriedSip,
  flCarriedTemplate,
  flConnection,
  flConnectionKey,
  flPressure,
  flSipKey,
  flSipTemplate,
  flTable,
  flTemplate,
  flTemplateKey,
} from '../abi.gen.ts';
import type { MapName } from '../director-maps.ts';
import type { Layout } from '../layout.ts';
import { arrayKey, batches } from '../maps.ts';
import { places } from '../places.ts';
import { type Batch, createBatch } from './batch.ts';
import type { Earlier } from './earlier.ts';
import type { Translation } from './translate.ts';

export type CarryPrograms = Readonly<
  Record<'fl_carry_connections' | 'fl_carry_templates' | 'fl_carry_sip' | 'fl_carry_drops', Fd>
>;

export type Passing = {
  readonly earlier: Earlier;
  readonly programs: CarryPrograms;
  readonly carried: Fd;
};

/** Times by CLOCK_MONOTONIC, ns. */
export type Pass = {
  /** When the one before it began: entries that nothing has happened to since are left out. 0: it is the first. */
  readonly since: bigint;
  /** What is seen from then on will be looked at by another pass. */
  readonly againFrom: bigint;
};

/** So long before a pass a packet may have been seen that it misses: the programs' clock moves once a jiffy. */
const margin = 100_000_000n;

const seenFrom = ({ since }: Pass): number => (since === 0n ? 0 : Number(since - margin));

/** What a pass has looked at, and what of it found no room. */
export type Passed = { readonly entries: number; readonly refused: number };

/** All that the pass is about, templates first; pauses for whoever has other things to do. */
export function* carryEntries(modules: Passing, pass: Pass): Generator<void, Passed> {
  const { earlier, programs, carried } = modules;
  const { templateSerial } = earlier.element('pressure', 'fl_pressure', flPressure);
  const serialsFrom = (templateSerial + 1) >>> 0;
  const againFrom = pass.againFrom - margin;
  const begin = (program: Fd, size: number): Batch =>
    createBatch({ carried, program, size, againFrom, serialsFrom });
  const templates = begin(programs.fl_carry_templates, flCarriedTemplate.size);
  const sip = begin(programs.fl_carry_sip, flCarriedSip.size);
  const connections = begin(programs.fl_carry_connections, flCarried.size);
  yield* carryHash(modules, pass, templateRow, templates);
  yield* carryHash(modules, pass, sipRow, sip);
  yield* carryHash(modules, pass, outsideRow, connections);
  yield* carryTable(modules, pass, 'table_ipv4', connections);
  yield* carryTable(modules, pass, 'table_ipv6', connections);
  const taken = [templates, sip, connections].map((batch) => batch.taken());
  return {
    entries: taken.reduce((sum, { entries }) => sum + entries, 0),
    refused: taken.reduce((sum, { refused }) => sum + refused, 0),
  };
}

/** Whether every struct that is carried over can be. Throws Undescribed, Untranslatable. */
export function refuseUntranslatableEntries(earlier: Earlier): void {
  for (const { map, names, key, value } of [templateRow, sipRow, outsideRow]) {
    const from = earlier.must(map);
    earlier.translation(names[0], key, from.key);
    earlier.translation(names[1], value, from.value);
  }
  for (const map of ['table_ipv4', 'table_ipv6'] as const) {
    roomIn(earlier, map);
    entryToOurs(earlier, map);
  }
}

function entryToOurs(earlier: Earlier, map: 'table_ipv4' | 'table_ipv6'): Translation {
  const { names, renamed } = tables[map];
  const ways = { within: 'connection', renamed };
  return earlier.translation('fl_connection', flCarried, earlier.struct(names[1]), ways);
}

type Row = {
  readonly map: MapName;
  readonly key: Layout;
  readonly value: Layout;
  readonly names: readonly [key: string, value: string];
  /** Where the time stands in that version's value. */
  readonly seen: (value: Layout) => number;
  /** Where the value stands behind its key in a batch. */
  readonly behind: number;
};

const templateRow: Row = {
  map: 'templates',
  key: flTemplateKey,
  value: flTemplate,
  names: ['fl_template_key', 'fl_template'],
  seen: (value) => offsetOf(value, 'lastSeen'),
  behind: flCarriedTemplate.fields.template.offset,
};
const sipRow: Row = {
  map: 'sip_templates',
  key: flSipKey,
  value: flSipTemplate,
  names: ['fl_sip_key', 'fl_sip_template'],
  seen: (value) => offsetOf(value, 'template', 'lastSeen'),
  behind: flCarriedSip.fields.template.offset,
};
/** Entries that lie in no table; one that goes leaves nothing behind. */
const outsideRow: Row = {
  map: 'connections',
  key: flConnectionKey,
  value: flConnection,
  names: ['fl_connection_key', 'fl_connection'],
  seen: (value) => offsetOf(value, 'lastSeen'),
  behind: flCarried.fields.connection.offset,
};

function* carryHash(
  { earlier }: Pick<Passing, 'earlier'>,
  pass: Pass,
  row: Row,
  batch: Batch,
): Generator<void> {
  const from = earlier.map(row.map);
  if (!from) return;
  const keyToOurs = earlier.translation(row.names[0], row.key, from.key);
  const valueToOurs = earlier.translation(row.names[1], row.value, from.value);
  const seen = row.seen(from.value);
  const first = seenFrom(pass);
  const isConnection = row === outsideRow;
  const state = isConnection ? offsetOf(from.value, 'state') : 0;
  for (const { keys, values, count } of batches(from.fd, from.keySize, from.valueSize)) {
    for (let index = 0; index < count; index++) {
      const value = index * from.valueSize;
      if (timeAt(values, value + seen) < first) continue;
      if (isConnection && values.getUint32(value + state, true) >= FlTcpState.FL_STATE_MOVING) continue;
      const { to, at } = batch.next();
      keyToOurs(keys, index * from.keySize, to, at);
      valueToOurs(values, value, to, at + row.behind);
    }
    yield;
  }
  batch.flush();
}

/** In IPv4's tables addresses are single words. */
const renamedIpv4 = { 'key.client': 'key.client.word.0', 'key.vip': 'key.vip.word.0' };

const tables = {
  table_ipv4: {
    names: ['fl_bucket_ipv4', 'fl_entry_ipv4'],
    index: 0,
    family: FlFamily.FL_FAMILY_IPV4,
    renamed: renamedIpv4,
  },
  table_ipv6: {
    names: ['fl_bucket_ipv6', 'fl_entry_ipv6'],
    index: 1,
    family: FlFamily.FL_FAMILY_IPV6,
    renamed: {},
  },
} as const;

/** As REST counts time (bpf/lib/table/bucket.h): when an entry died. */
const restStamp = (time: bigint): number => Number(BigInt.asUintN(32, time >> 20n));

function* carryTable(
  { earlier }: Passing,
  pass: Pass,
  map: 'table_ipv4' | 'table_ipv6',
  batch: Batch,
): Generator<void> {
  const { names, family } = tables[map];
  const bucket = earlier.struct(names[0]);
  const entry = earlier.struct(names[1]);
  const toOurs = entryToOurs(earlier, map);
  const at = {
    used: offsetOf(entry, 'key', 'used'),
    state: offsetOf(entry, 'connection', 'state'),
    seen: offsetOf(entry, 'connection', 'lastSeen'),
    died: offsetOf(entry, 'connection', 'died'),
  };
  // Deaths go by no margin: what the daemon before has just moved elsewhere lies dead where it was, and lives.
  const [first, lastDeath] = [seenFrom(pass), restStamp(pass.since)];
  const familyAt = flCarried.fields.key.offset + flConnectionKey.fields.family.offset;
  for (const { values, count } of chunksOf(earlier, map, bucket)) {
    const end = count * bucket.size;
    for (let from = 0; from < end; from += entry.size) {
      if (values.getUint8(from + at.used) === 0) continue;
      const state = values.getUint32(from + at.state, true);
      if (state === FlTcpState.FL_STATE_MOVING) continue;
      if (state === FlTcpState.FL_STATE_DEAD) {
        const sinceThen = (values.getUint32(from + at.died, true) - lastDeath) | 0;
        if (pass.since === 0n || sinceThen <= 0) continue;
      } else if (timeAt(values, from + at.seen) < first) continue;
      const { to, at: place } = batch.next();
      toOurs(values, from, to, place);
      to.setUint8(place + familyAt, family);
    }
    yield;
  }
  batch.flush();
}

/** Buckets of both tables that a family may have. */
function* chunksOf(earlier: Earlier, map: 'table_ipv4' | 'table_ipv6', bucket: Layout) {
  const { fd, maxEntries } = earlier.must(map);
  const { chunks, shift } = earlier.element('tables', 'fl_table', flTable, tables[map].index);
  const room = maxEntries / chunks.length;
  for (const place of chunks.keys()) {
    const buckets = bucketsOfChunk(fd, place * room, bucket);
    if (buckets > 0) yield* places(fd, bucket, buckets, room, () => shift).pieces(place);
  }
}

/** Entries that the table has room for which new ones go to. */
export function roomIn(earlier: Earlier, map: 'table_ipv4' | 'table_ipv6'): number {
  const { names, index } = tables[map];
  const { fd, maxEntries } = earlier.must(map);
  const { chunks, current } = earlier.element('tables', 'fl_table', flTable, index);
  const buckets = bucketsOfChunk(fd, current * (maxEntries / chunks.length), earlier.struct(names[0]));
  const entries = earlier.struct(names[0]).size / earlier.struct(names[1]).size;
  return (chunks[current] ?? 0) * buckets * entries;
}

/** How many buckets a chunk has, behind the shift to a cache line; 0 where there is no chunk. */
function bucketsOfChunk(fd: Fd, index: number, bucket: Layout): number {
  const id = new Uint8Array(4);
  if (!mapLookup(fd, arrayKey(index), id)) return 0;
  const chunk = mapById(new DataView(id.buffer).getUint32(0, true));
  if (chunk === undefined) return 0;
  try {
    return Math.floor((mapInfo(chunk).valueSize - FlLimit.FL_LIMIT_CACHE_LINE) / bucket.size);
  } finally {
    closeFd(chunk);
  }
}

/** Of a field, through the structs that lead to it. */
function offsetOf(layout: Layout, ...path: readonly string[]): number {
  const [name = '', ...rest] = path;
  const field = layout.fields[name];
  if (!field) throw new Error(`no field ${name}`);
  return field.offset + (field.type === 'struct' ? offsetOf(field.layout, ...rest) : 0);
}

/** Nanoseconds, near enough: exact for a hundred days of uptime, then to a few of them. */
function timeAt(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
