/** What the daemon knows of itself: how it does, and what it was asked. */

import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { DaemonFigures } from '../metrics/snapshot.ts';

export type Self = ReturnType<typeof createSelf>;

export function createSelf(version: string) {
  const requests = new Map<string, { readonly route: string; readonly status: number; count: number }>();
  return {
    /** A request has been answered. `route`: its name in the table of routes. */
    answered(route: string | undefined, status: number): void {
      const key = `${route} ${status}`;
      const known = requests.get(key) ?? { route: route ?? 'none', status, count: 0 };
      known.count++;
      requests.set(key, known);
    },

    figures(): Omit<DaemonFigures, 'adopted' | 'sweeps'> {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      return {
        version,
        runtime: process.version,
        startedAt: performance.timeOrigin / 1000,
        cpuSeconds: (user + system) / 1e6,
        busySeconds: performance.eventLoopUtilization().active / 1000,
        residentBytes: rss,
        heapBytes: heapUsed,
        openFiles: readdirSync('/proc/self/fd').length,
        requests: [...requests.values()],
      };
    },
  };
}
