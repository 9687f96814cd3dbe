/** The director's maps by name (bpf/lib/maps.h), typed. */

import type { Fd } from '../../linux/libbpf.ts';
import {
  flConnection,
  flConnectionKey,
  flCounts,
  flDestination,
  flDestinationState,
  flHashTable,
  flInterface,
  flService,
  flServiceKey,
  flServiceState,
  flSettings,
} from './abi.gen.ts';
import type { Layout } from './layout.ts';
import { arrayMap, hashMap, perCpuArray } from './maps.ts';

export const mapNames = [
  'settings',
  'interfaces',
  'services',
  'service_state',
  'service_counts',
  'hash_tables',
  'cache',
  'destinations',
  'dest_state',
  'dest_counts',
  'connections',
  'not_forwarded',
] as const;
export type MapName = (typeof mapNames)[number];

/** Keys and values that are one bare number. */
const u32 = { size: 4, fields: { value: { offset: 0, type: 'u32' } } } as const satisfies Layout;
const u64 = { size: 8, fields: { value: { offset: 0, type: 'u64' } } } as const satisfies Layout;

export function directorMaps(fds: Readonly<Record<MapName, Fd>>) {
  return {
    settings: arrayMap(fds.settings, flSettings),
    interfaces: hashMap(fds.interfaces, u32, flInterface),
    services: hashMap(fds.services, flServiceKey, flService),
    serviceState: arrayMap(fds.service_state, flServiceState),
    serviceCounts: perCpuArray(fds.service_counts, flCounts),
    hashTables: hashMap(fds.hash_tables, u32, flHashTable),
    destinations: arrayMap(fds.destinations, flDestination),
    destinationState: arrayMap(fds.dest_state, flDestinationState),
    destinationCounts: perCpuArray(fds.dest_counts, flCounts),
    connections: hashMap(fds.connections, flConnectionKey, flConnection),
    notForwarded: perCpuArray(fds.not_forwarded, u64),
  };
}

export type DirectorMaps = ReturnType<typeof directorMaps>;
