/** The programs that walk over connections and templates (bpf/lib/walk.h, sweep.h, evict.h), as functions. */

import { runSystemProgram } from '../../linux/bpf-test-run.ts';
import { flWalk } from './abi.gen.ts';
import { decode, encode } from './layout.ts';
import type { Programs } from './programs.ts';

export type Walks = {
  /** Takes out what has expired in a family's table at a place: how many entries stay there. Families: enum fl_table_family. */
  sweepTable(family: number, place: number): number;
  /** The same of entries that lie in no table, by family. */
  sweepOutside(): readonly number[];
  sweepTemplates(): void;
  /** Ends the connections of a table that are bound to a real server, by slot: how many there were. */
  evictTable(family: number, place: number, slot: number): number;
  evictOutside(slot: number): number;
  evictTemplates(slot: number): void;
};

export function createWalks(programs: Pick<Programs, 'need' | 'fd'>): Walks {
  const walk = (
    name: 'fl_walk_table' | 'fl_walk_outside',
    family: number,
    place: number,
    evicted: number,
  ) => {
    const context = encode(flWalk, { family, place, evicted });
    runSystemProgram(programs.fd(name), context);
    return decode(flWalk, context).entries;
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return {
    sweepTable: (family, place) => sum(walk('fl_walk_table', family, place, 0)),
    sweepOutside: () => walk('fl_walk_outside', 0, 0, 0),
    sweepTemplates() {
      programs.need(['fl_sweep_templates', 'fl_sweep_sip']);
      runSystemProgram(programs.fd('fl_sweep_templates'));
      runSystemProgram(programs.fd('fl_sweep_sip'));
    },
    evictTable: (family, place, slot) => sum(walk('fl_walk_table', family, place, slot)),
    evictOutside: (slot) => sum(walk('fl_walk_outside', 0, 0, slot)),
    evictTemplates(slot) {
      programs.need(['fl_evict_templates', 'fl_evict_sip']);
      const context = (): Uint8Array => new Uint8Array(Uint32Array.of(slot, 0).buffer);
      runSystemProgram(programs.fd('fl_evict_templates'), context());
      runSystemProgram(programs.fd('fl_evict_sip'), context());
    },
  };
}
