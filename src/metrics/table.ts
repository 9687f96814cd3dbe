/** All metrics there are. */

import { type Group, groups, type Metric } from './metric.ts';
import { connectionMetrics } from './table/connections.ts';
import { daemonMetrics } from './table/daemon.ts';
import { directorMetrics } from './table/director.ts';
import { healthMetrics } from './table/health.ts';
import { networkMetrics } from './table/network.ts';
import { serverMetrics } from './table/servers.ts';
import { serviceMetrics } from './table/services.ts';

export const metrics: readonly Metric[] = [
  ...daemonMetrics,
  ...directorMetrics,
  ...networkMetrics,
  ...connectionMetrics,
  ...healthMetrics,
  ...serviceMetrics,
  ...serverMetrics,
];

/** What `collect[]` asks for, or the first word of it that is no group. Nothing asked for is everything. */
export function wantedGroups(
  words: readonly string[],
): { readonly groups: ReadonlySet<Group> } | { readonly unknown: string } {
  const unknown = words.find((word) => !groups.some((group) => group === word));
  if (unknown !== undefined) return { unknown };
  return { groups: new Set(words.length === 0 ? groups : groups.filter((group) => words.includes(group))) };
}
