/**
 * sed: the shortest expected delay, which is the active connections with the new one per weight; inactive ones do
 * not matter (ip_vs_sed.c). As bpf/lib/schedule/sed.h.
 */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { expectedDelayOf, leastLoaded } from './least.ts';

export function scheduleSed(service: Service): Destination | undefined {
  return leastLoaded(eligibleOf(service), expectedDelayOf);
}
