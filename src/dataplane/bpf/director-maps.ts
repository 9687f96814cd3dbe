/** The director's maps by name (bpf/lib/maps.h), typed. */

import type { Fd } from '../../linux/libbpf.ts';
import {
  FlLimit,
  flBucketIpv4,
  flBucketIpv6,
  flClaim,
  flClaimKey,
  flConnection,
  flConnectionKey,
  flCounts,
  flDestination,
  flDestinationLoad,
  flDestinationState,
  flHashTable,
  flInterface,
  flMarkRule,
  flMember,
  flNotForwardedExample,
  flPressure,
  flService,
  flServiceKey,
  flServiceState,
  flSettings,
  flSipKey,
  flSipTemplate,
  flTable,
  flTemplate,
  flTemplateKey,
  flVipKey,
} from './abi.gen.ts';
import { interfaceTable } from './interface-table.ts';
import type { Layout } from './layout.ts';
import { arrayMap, cpuParts, hashMap, perCpuArray, sectionMap } from './maps.ts';
import { places } from './places.ts';

export const mapNames = [
  'settings',
  'interfaces',
  'services',
  'service_state',
  'vips',
  'vip_filter',
  'members',
  'hash_tables',
  'cache',
  'destinations',
  'dest_state',
  'dest_load',
  'dest_counts',
  'masq_servers',
  'tables',
  'table_ipv4',
  'table_ipv6',
  'table_locks',
  'outside_counts',
  'connections',
  'templates',
  'sip_templates',
  'replies',
  'fragments',
  'mark_rules',
  'pressure',
  'not_forwarded',
  'last_dropped',
  'claims',
  'test_clock',
] as const;
export type MapName = (typeof mapNames)[number];

/** With those that only earlier versions have, for whoever carries over what is in them. */
export const knownMapNames = [...mapNames, 'service_counts'] as const;
export type KnownMapName = (typeof knownMapNames)[number];

/** Keys and values that are one bare number. */
export const u32 = { size: 4, fields: { value: { offset: 0, type: 'u32' } } } as const satisfies Layout;
export const u64 = { size: 8, fields: { value: { offset: 0, type: 'u64' } } } as const satisfies Layout;

/** The maps in which each CPU has a part (bpf/lib/count.h), and the slots in each part. */
export const countedSlots = {
  dest_counts: FlLimit.FL_LIMIT_DESTINATIONS,
} as const satisfies Partial<Record<MapName, number>>;

const tableChunks = FlLimit.FL_LIMIT_TABLE_CHUNKS;

export function directorMaps(fds: Readonly<Record<MapName, Fd>>) {
  const tables = sectionMap(fds.tables, flTable);
  const shift = (): number => tables.get(0).shift;
  return {
    settings: sectionMap(fds.settings, flSettings),
    interfaces: interfaceTable(sectionMap(fds.interfaces, flInterface)),
    services: hashMap(fds.services, flServiceKey, flService),
    serviceState: arrayMap(fds.service_state, flServiceState),
    vips: hashMap(fds.vips, flVipKey, u32),
    vipFilter: sectionMap(fds.vip_filter, u64),
    members: arrayMap(fds.members, flMember),
    hashTables: hashMap(fds.hash_tables, u32, flHashTable),
    destinations: arrayMap(fds.destinations, flDestination),
    destinationState: arrayMap(fds.dest_state, flDestinationState),
    destinationLoad: arrayMap(fds.dest_load, flDestinationLoad),
    destinationCounts: cpuParts(fds.dest_counts, flCounts, countedSlots.dest_counts),
    masqServers: hashMap(fds.masq_servers, flServiceKey, u32),
    tables,
    tableIpv4: places(fds.table_ipv4, flBucketIpv4, FlLimit.FL_LIMIT_CHUNK_BUCKETS_IPV4, tableChunks, shift),
    tableIpv6: places(fds.table_ipv6, flBucketIpv6, FlLimit.FL_LIMIT_CHUNK_BUCKETS_IPV6, tableChunks, shift),
    outsideCounts: arrayMap(fds.outside_counts, u32),
    connections: hashMap(fds.connections, flConnectionKey, flConnection),
    templates: hashMap(fds.templates, flTemplateKey, flTemplate),
    sipTemplates: hashMap(fds.sip_templates, flSipKey, flSipTemplate),
    markRules: arrayMap(fds.mark_rules, flMarkRule),
    pressure: arrayMap(fds.pressure, flPressure),
    notForwarded: perCpuArray(fds.not_forwarded, u64),
    lastDropped: arrayMap(fds.last_dropped, flNotForwardedExample),
    claims: hashMap(fds.claims, flClaimKey, flClaim),
    testClock: arrayMap(fds.test_clock, u64),
  };
}

export type DirectorMaps = ReturnType<typeof directorMaps>;
