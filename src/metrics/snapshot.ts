/** What is true at one moment, gathered by the director for the table to write down. */

import type { AddressClaim } from '../ipvs/claim.ts';
import type { ConnectionState } from '../ipvs/connection.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import type { NeighbourState } from '../ipvs/neighbour.ts';
import type { Protocol } from '../ipvs/service.ts';
import type { Figures } from './figures.ts';

export type DaemonFigures = {
  readonly version: string;
  /** Of Node.js. */
  readonly runtime: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly adopted: boolean;
  readonly cpuSeconds: number;
  readonly busySeconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly openFiles: number;
  readonly requests: readonly { readonly route: string; readonly status: number; readonly count: number }[];
  readonly sweeps: SweepFigures;
};

export type SweepFigures = {
  readonly count: number;
  readonly cpuSeconds: number;
  /** Since the end of the last one; infinite where there was none. */
  readonly ageSeconds: number;
};

export type TableFigures = {
  readonly count: number;
  readonly limit: number;
  readonly halfOpen: number;
  readonly halfOpenLimit: number;
  readonly stateless: boolean;
  readonly templates: number;
  /** Connections that lie beside their table. */
  readonly outside: number;
  /** Entries that the tables have room for now, by family. */
  readonly room: { readonly 4: number; readonly 6: number };
};

export type StateCount = {
  readonly protocol: Protocol;
  readonly state: ConnectionState;
  readonly count: number;
};

export type NeighbourFigures = {
  readonly address: string;
  readonly interface: string;
  readonly state: NeighbourState;
};

export type HealthFigures = {
  readonly jobs: number;
  readonly services: readonly {
    readonly service: string;
    readonly hasQuorum: boolean;
    readonly weight: number;
    readonly needed: number;
    readonly isSorry: boolean;
    readonly servers: readonly {
      readonly server: string;
      readonly state: string;
      readonly checks: readonly {
        readonly name: string;
        readonly passed: number;
        readonly failed: number;
        readonly latencyMs?: number;
      }[];
    }[];
  }[];
};

/** What has not been asked for is empty. */
export type Snapshot = {
  readonly daemon: DaemonFigures;
  readonly services: number;
  readonly markRules: number;
  readonly interfaces: readonly InterfaceStatus[];
  /** Packets by reason. */
  readonly notForwarded: Readonly<Record<string, number>>;
  readonly table: TableFigures;
  readonly states: readonly StateCount[];
  readonly claims: readonly AddressClaim[];
  readonly neighbours: readonly NeighbourFigures[];
  readonly health: HealthFigures;
  readonly figures: Figures;
};
