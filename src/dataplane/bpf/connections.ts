/** The tables of connections and persistence templates: listing, sweeping and defending them, and how full they are. */

import type { ConnectionStatus } from '../../ipvs/connection.ts';
import type { DestinationKey, ServiceKey } from '../../ipvs/service.ts';
import type { SysctlValues } from '../../ipvs/sysctl.ts';
import { runSystemProgram } from '../../linux/bpf-test-run.ts';
import type { ConnectionTable } from '../dataplane.ts';
import { type Bound, decodeConnection, decodeSipTemplate, decodeTemplate } from './codec/connection.ts';
import type { DirectorMaps } from './director-maps.ts';
import type { Programs } from './programs.ts';
import type { Settings } from './settings.ts';
import { defended, sameDefence, withSysctls } from './sysctls.ts';
import type { Table } from './table/table.ts';

export type ConnectionModules = {
  readonly maps: DirectorMaps;
  readonly programs: Pick<Programs, 'need' | 'fd'>;
  readonly table: Table;
  /** Nanoseconds of the data plane's clock. */
  readonly now: () => bigint;
};

/** Connections that were forwarded without an entry this long ago are no longer a sign of want. */
const statelessNanoseconds = 60_000_000_000n;

export function createConnections({ maps, programs, table, now }: ConnectionModules) {
  /** Free pages when they were last counted. */
  let knownPages = Number.POSITIVE_INFINITY;
  const boundTo = (slot: number): Bound | undefined => table.destinationAt(slot);
  /** Connections first: a template lives as long as one is under it. Walking an empty table costs as much as its buckets. */
  const sweep = (): void => {
    if (maps.pressure.get(0).connections > 0) runSystemProgram(programs.fd('fl_sweep'));
    if (maps.pressure.get(0).templates === 0) return;
    programs.need(['fl_sweep_templates', 'fl_sweep_sip']);
    runSystemProgram(programs.fd('fl_sweep_templates'));
    runSystemProgram(programs.fd('fl_sweep_sip'));
  };

  /** A template ends when the last connection under it has. Answers how many connections there were. */
  const evict = (slot: number): number => {
    const context = () => new Uint8Array(Uint32Array.of(slot, 0).buffer);
    programs.need(['fl_evict', 'fl_evict_templates', 'fl_evict_sip']);
    const ended = runSystemProgram(programs.fd('fl_evict'), context());
    if (maps.pressure.get(0).templates === 0) return ended;
    runSystemProgram(programs.fd('fl_evict_templates'), context());
    runSystemProgram(programs.fd('fl_evict_sip'), context());
    return ended;
  };

  return {
    sweep,

    evict(service: ServiceKey, key: DestinationKey): number {
      const slot = table.slotOf(service, key);
      return slot === undefined ? 0 : evict(slot);
    },

    /** As in IPVS, a defence whose mode is changed is looked at at once. */
    setSysctls(values: SysctlValues): void {
      const before = maps.settings.get(0);
      const settings = withSysctls(before, values);
      const looked = sameDefence(before, settings) ? settings : defended(settings, knownPages);
      maps.settings.set(0, withoutThinning(looked));
    },

    /** drop_entry is in force for one sweep, once a second, and for no other. */
    defend(availablePages: number): void {
      knownPages = availablePages;
      const before = maps.settings.get(0);
      const settings = defended(before, availablePages);
      if (!sameDefence(before, settings)) maps.settings.set(0, settings);
      if (settings.sysctl.dropEntry === 0) return;
      try {
        sweep();
      } finally {
        maps.settings.set(0, withoutThinning(settings));
      }
    },

    *connections(): Generator<ConnectionStatus> {
      const at = now();
      for (const [key, value] of maps.connections.entries()) {
        const bound = boundTo(value.destination);
        const status = bound && decodeConnection(key, value, bound, at);
        if (status) yield status;
      }
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

function withoutThinning(settings: Settings): Settings {
  return { ...settings, sysctl: { ...settings.sysctl, dropEntry: 0 } };
}
