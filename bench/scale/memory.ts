/** What a director holds in memory: its maps in the kernel, as the kernel accounts them, and its daemon's heap. */

import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FlLimit, flBucketIpv4, flBucketIpv6 } from '../../src/dataplane/bpf/abi.gen.ts';
import type { DirectorMaps } from '../../src/dataplane/bpf/director-maps.ts';

/** Octets of all BPF maps that this process holds, and of the tables of connections, which it does not hold by themselves. */
export function mapBytes(maps: DirectorMaps): number {
  const held = new Map<string, number>();
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    const map = mapIn(infoOf(fd));
    if (map !== undefined) held.set(map.id, map.bytes);
  }
  const tables = [
    [maps.tableIpv4, flBucketIpv4.size * FlLimit.FL_LIMIT_CHUNK_BUCKETS_IPV4 + FlLimit.FL_LIMIT_CACHE_LINE],
    [maps.tableIpv6, flBucketIpv6.size * FlLimit.FL_LIMIT_CHUNK_BUCKETS_IPV6 + FlLimit.FL_LIMIT_CACHE_LINE],
  ] as const;
  const chunks = tables.reduce((sum, [table, bytes]) => sum + (table.chunks(0) + table.chunks(1)) * bytes, 0);
  return chunks + [...held.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Of a line of /proc/PID/fdinfo/FD (bpf_map_show_fdinfo in the kernel's syscall.c); undefined for another kind of descriptor. */
export function mapIn(info: string): { readonly id: string; readonly bytes: number } | undefined {
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(\\d+)$`, 'm').exec(info)?.[1];
  const [id, bytes] = [field('map_id'), field('memlock')];
  return id === undefined || bytes === undefined ? undefined : { id, bytes: Number(bytes) };
}

function infoOf(fd: string): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  } catch {
    return ''; // the directory's own descriptor
  }
}

/** Octets that this process's objects take once what nobody needs has gone. */
export function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
