/** The tables of connections and persistence templates: listing, sweeping and defending them, and how full they are. */

import type { ConnectionStatus } from '../../ipvs/connection.ts';
import type { DestinationKey, ServiceKey } from '../../ipvs/service.ts';
import type { SysctlValues } from '../../ipvs/sysctl.ts';
import type { ConnectionTable, SweepPiece } from '../dataplane.ts';
import { drain, ofKind } from '../pieces.ts';
import { type Bound, decodeConnection, decodeSipTemplate, decodeTemplate } from './codec/connection.ts';
import { entryReader, sharedEndpoints } from './codec/entry.ts';
import type { DirectorMaps } from './director-maps.ts';
import { defended, sameDefence, thinsOut, withSysctls } from './sysctls.ts';
import type { Table } from './table/table.ts';
import type { Tables } from './tables.ts';
import type { Errand, Walks } from './walks.ts';

export type ConnectionModules = {
  readonly maps: DirectorMaps;
  readonly tables: Tables;
  readonly walks: Pick<Walks, 'templates'>;
  readonly table: Table;
  /** Nanoseconds of the data plane's clock. */
  readonly now: () => bigint;
};

/** Connections that were forwarded without an entry this long ago are no longer a sign of want. */
const statelessNanoseconds = 60_000_000_000n;

export function createConnections({ maps, tables, walks, table, now }: ConnectionModules) {
  /** Free pages when they were last counted. */
  let knownPages = Number.POSITIVE_INFINITY;
  const boundTo = (slot: number): Bound | undefined => table.destinationAt(slot);
  const hasTemplates = (): boolean => maps.pressure.get(0).templates > 0;
  /** Whether drop_entry is in force for the next sweep. It is so once a second. */
  let thins = false;
  let begun = 0;
  /** Connections first: a template lives as long as one is under it. */
  const piecesOf = function* (errand: Errand): Generator<SweepPiece> {
    yield* tables.sweep(errand);
    if (hasTemplates()) yield* ofKind('usual', walks.templates(errand));
  };
  const sweepByPieces = function* (): Generator<SweepPiece> {
    const own = ++begun;
    const errand = { thins };
    thins = false;
    for (const piece of piecesOf(errand)) {
      yield errand.thins ? 'urgent' : piece;
      if (begun !== own) return; // another one may have put other tables in the place of those that this one knows
    }
  };

  /** A template ends when the last connection under it has. Answers how many connections there were. */
  const evict = (slot: number): number => {
    const ended = tables.evict(slot);
    if (hasTemplates()) drain(walks.templates({ evicted: slot }));
    return ended;
  };

  /** Those whose real server is one of these. */
  const inTables = function* (boundIn: (slot: number) => Bound | undefined): Generator<ConnectionStatus> {
    const at = now();
    const nanoseconds = Number(at);
    const endpoints = sharedEndpoints();
    const readers = { 4: entryReader(4, endpoints), 6: entryReader(6, endpoints) };
    for (const { family, values, octets } of tables.pieces()) {
      const reader = readers[family];
      for (let from = 0; from < octets; from += reader.size) {
        const bound = reader.isThere(values, from) ? boundIn(reader.slot(values, from)) : undefined;
        const status = bound && reader.read(values, from, bound, nanoseconds);
        if (status) yield status;
      }
    }
    for (const [key, value] of tables.outside()) {
      const bound = boundIn(value.destination);
      const status = bound && decodeConnection(key, value, bound, at);
      if (status) yield status;
    }
  };

  return {
    sweep: () => drain(sweepByPieces()),
    sweepByPieces,
    hasTemplates,

    evict(service: ServiceKey, key: DestinationKey): number {
      const slot = table.slotOf(service, key);
      return slot === undefined ? 0 : evict(slot);
    },

    *connectionsOn(service: ServiceKey, key: DestinationKey): Generator<ConnectionStatus> {
      const slot = table.slotOf(service, key);
      if (slot !== undefined) yield* inTables((found) => (found === slot ? boundTo(slot) : undefined));
    },

    /** As in IPVS, a defence whose mode is changed is looked at at once. */
    setSysctls(values: SysctlValues): void {
      const before = maps.settings.get(0);
      const settings = withSysctls(before, values);
      maps.settings.set(0, sameDefence(before, settings) ? settings : defended(settings, knownPages));
    },

    defend(availablePages: number): boolean {
      knownPages = availablePages;
      const before = maps.settings.get(0);
      const settings = defended(before, availablePages);
      if (!sameDefence(before, settings)) maps.settings.set(0, settings);
      thins = thinsOut(settings);
      return thins;
    },

    *connections(): Generator<ConnectionStatus> {
      const at = now();
      yield* inTables(boundTo);
      for (const [key, value] of maps.templates.entries()) {
        const bound = boundTo(value.destination);
        const status = bound && decodeTemplate(key, value, bound, at);
        if (status) yield status;
      }
      for (const [key, value] of maps.sipTemplates.entries()) {
        const bound = boundTo(value.template.destination);
        const status = bound && decodeSipTemplate(key, value, bound, at);
        if (status) yield status;
      }
    },

    connectionTable(): ConnectionTable {
      const { connectionLimit, halfOpenLimit } = maps.settings.get(0);
      const { connections, halfOpen, statelessAt } = maps.pressure.get(0);
      return {
        count: connections,
        limit: connectionLimit,
        halfOpen,
        halfOpenLimit,
        stateless: statelessAt !== 0n && now() - statelessAt <= statelessNanoseconds,
      };
    },
  };
}
