/**
 * IPVS's sysctls in `settings`: those that the programs go by, and those that are only kept there. What follows from
 * the modes of the three defences is found once a second (ip_vs_ctl.c, update_defense_level()). Pure.
 */

import type { SysctlValues } from '../../ipvs/sysctl.ts';
import type { flSettings, flSysctl } from './abi.gen.ts';
import type { Decoded } from './layout.ts';

type Settings = Decoded<typeof flSettings>;
type Programs = Decoded<typeof flSysctl>;

/** What the defences do to packets now, until the next time they are looked at. */
type Defence = Pick<Programs, 'secureTcp' | 'dropRate'>;
const noDefence: Defence = { secureTcp: 0, dropRate: 0 };

/** The settings with these sysctls. Defences that are in force stay so until they are looked at again. */
export function withSysctls(
  settings: Omit<Settings, 'sysctl' | 'kept'> & Partial<Pick<Settings, 'sysctl'>>,
  values: SysctlValues,
): Settings {
  const { secureTcp, dropRate } = settings.sysctl ?? noDefence;
  return {
    ...settings,
    sysctl: {
      connReuseMode: values.conn_reuse_mode,
      expireNodestConn: values.expire_nodest_conn,
      expireQuiescentTemplate: values.expire_quiescent_template,
      sloppyTcp: values.sloppy_tcp,
      sloppySctp: values.sloppy_sctp,
      pmtuDisc: values.pmtu_disc,
      scheduleIcmp: values.schedule_icmp,
      cacheBypass: values.cache_bypass,
      natIcmpSend: values.nat_icmp_send,
      lblcExpirationMs: milliseconds(values.lblc_expiration),
      lblcrExpirationMs: milliseconds(values.lblcr_expiration),
      secureTcp,
      dropRate,
    },
    kept: {
      amemthresh: values.amemthresh,
      amDroprate: values.am_droprate,
      conntrack: values.conntrack,
      dropEntry: values.drop_entry,
      dropPacket: values.drop_packet,
      secureTcp: values.secure_tcp,
      lblcExpiration: values.lblc_expiration,
      lblcrExpiration: values.lblcr_expiration,
      runEstimation: values.run_estimation,
      snatReroute: values.snat_reroute,
      syncPersistMode: values.sync_persist_mode,
      syncPorts: values.sync_ports,
      syncRefreshPeriod: values.sync_refresh_period,
      syncRetries: values.sync_retries,
      ignoreTunneled: values.ignore_tunneled,
      backupOnly: values.backup_only,
    },
  };
}

export function sysctlsOf({ sysctl, kept }: Settings): SysctlValues {
  return {
    amemthresh: kept.amemthresh,
    am_droprate: kept.amDroprate,
    backup_only: kept.backupOnly,
    cache_bypass: sysctl.cacheBypass,
    conn_reuse_mode: sysctl.connReuseMode,
    conntrack: kept.conntrack,
    drop_entry: kept.dropEntry,
    drop_packet: kept.dropPacket,
    expire_nodest_conn: sysctl.expireNodestConn,
    expire_quiescent_template: sysctl.expireQuiescentTemplate,
    ignore_tunneled: kept.ignoreTunneled,
    lblc_expiration: kept.lblcExpiration,
    lblcr_expiration: kept.lblcrExpiration,
    nat_icmp_send: sysctl.natIcmpSend,
    pmtu_disc: sysctl.pmtuDisc,
    run_estimation: kept.runEstimation,
    schedule_icmp: sysctl.scheduleIcmp,
    secure_tcp: kept.secureTcp,
    sloppy_sctp: sysctl.sloppySctp,
    sloppy_tcp: sysctl.sloppyTcp,
    snat_reroute: kept.snatReroute,
    sync_persist_mode: kept.syncPersistMode,
    sync_ports: kept.syncPorts,
    sync_refresh_period: kept.syncRefreshPeriod,
    sync_retries: kept.syncRetries,
  };
}

/**
 * The settings with the defences looked at anew. Modes 1 and 2 turn into each other with the need: 1 waits for memory
 * to run low, 2 is at work until it is not. The share of packets that drop_packet drops grows with what is missing.
 */
export function defended(settings: Settings, availablePages: number): Settings {
  const { kept, sysctl } = settings;
  const missing = kept.amemthresh - availablePages;
  const isLow = missing > 0;
  const entry = defenceStep(kept.dropEntry, isLow);
  const packet = defenceStep(kept.dropPacket, isLow);
  const tcp = defenceStep(kept.secureTcp, isLow);
  const rate = packet.mode === 3 ? kept.amDroprate : Math.floor(kept.amemthresh / Math.max(1, missing));
  return {
    ...settings,
    kept: { ...kept, dropEntry: entry.mode, dropPacket: packet.mode, secureTcp: tcp.mode },
    sysctl: {
      ...sysctl,
      dropRate: packet.isAtWork ? rate : 0,
      secureTcp: tcp.isAtWork ? 1 : 0,
    },
  };
}

/** Whether drop_entry is at work, once it has been looked at. */
export function thinsOut({ kept }: Settings): boolean {
  return kept.dropEntry >= 2;
}

/** Whether both have the same defences in the same modes. */
export function sameDefence(a: Settings, b: Settings): boolean {
  return (
    (['dropEntry', 'dropPacket', 'secureTcp'] as const).every((name) => a.kept[name] === b.kept[name]) &&
    (['dropRate', 'secureTcp'] as const).every((name) => a.sysctl[name] === b.sysctl[name])
  );
}

function defenceStep(mode: number, isLow: boolean): { readonly mode: number; readonly isAtWork: boolean } {
  if (mode === 0 || mode === 3) return { mode, isAtWork: mode === 3 };
  return { mode: isLow ? 2 : 1, isAtWork: isLow };
}

/** A longer time than 32 bits hold, 49 days, is as good as for ever. */
function milliseconds(seconds: number): number {
  return Math.min(seconds * 1000, 0xffffffff);
}
