/**
 * How many connections there are in each state, and how much room their tables have. Entries are looked at as they lie in
 * the kernel's arrays, none is decoded: a million of them takes some tens of milliseconds.
 */

import type { Family } from '../../ipvs/address.ts';
import type { Protocol } from '../../ipvs/service.ts';
import type { StateCount, TableUse } from '../dataplane.ts';
import { FlLimit, FlTcpState, flConnection, flEntryIpv4, flEntryIpv6 } from './abi.gen.ts';
import { stateOf } from './codec/connection.ts';
import { protocolNumbers } from './codec/service.ts';
import type { TableMaps } from './tables.ts';

/** Above the states of every protocol. */
const statesRoom = 256;

const protocols = Object.entries(protocolNumbers) as readonly (readonly [Protocol, number])[];

/** Pauses after each piece of a table, for whoever has other things to do meanwhile. */
export function* countStates(maps: TableMaps): Generator<void, readonly StateCount[]> {
  const counts = new Uint32Array(256 * statesRoom);
  for (let place = 0; place < FlLimit.FL_LIMIT_TABLE_PLACES; place++) {
    yield* countPlace(maps, 4, place, counts);
    yield* countPlace(maps, 6, place, counts);
  }
  if (maps.pressure.get(0).outside > 0) {
    for (const [{ protocol }, { state }] of maps.connections.entries())
      if (state < FlTcpState.FL_STATE_MOVING) add(counts, protocol, state);
  }
  return protocols.flatMap(([protocol, number]) => statesIn(counts, protocol, number));
}

function* countPlace(maps: TableMaps, family: Family, place: number, counts: Uint32Array): Generator<void> {
  const tables = family === 4 ? maps.tableIpv4 : maps.tableIpv6;
  const { size, fields } = family === 4 ? flEntryIpv4 : flEntryIpv6;
  const { used, protocol } = fields.key.layout.fields;
  const state = fields.connection.offset + flConnection.fields.state.offset;
  for (const { values, count } of tables.pieces(place)) {
    const end = count * tables.layout.size;
    for (let at = 0; at < end; at += size) {
      if (values.getUint8(at + used.offset) === 0) continue;
      const number = values.getUint32(at + state, true);
      if (number < FlTcpState.FL_STATE_MOVING) add(counts, values.getUint8(at + protocol.offset), number);
    }
    yield;
  }
}

function add(counts: Uint32Array, protocol: number, state: number): void {
  const at = protocol * statesRoom + state;
  counts[at] = (counts[at] ?? 0) + 1;
}

/** Those of a protocol that have any; two numbers may have one word. */
function statesIn(counts: Uint32Array, protocol: Protocol, number: number): readonly StateCount[] {
  const byWord = new Map<StateCount['state'], number>();
  for (let state = 0; state < statesRoom; state++) {
    const count = counts[number * statesRoom + state] ?? 0;
    const word = stateOf(protocol, state);
    if (count > 0) byWord.set(word, (byWord.get(word) ?? 0) + count);
  }
  return [...byWord].map(([state, count]) => ({ protocol, state, count }));
}

export function tableUse(maps: TableMaps): TableUse {
  const { templates, outside } = maps.pressure.get(0);
  const roomOf = (index: number, tables: TableMaps['tableIpv4'] | TableMaps['tableIpv6']): number =>
    tables.chunks(maps.tables.get(index).current) * tables.chunk * FlLimit.FL_LIMIT_BUCKET_ENTRIES;
  return { templates, outside, room: { 4: roomOf(0, maps.tableIpv4), 6: roomOf(1, maps.tableIpv6) } };
}
