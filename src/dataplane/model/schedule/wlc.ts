/** wlc: the least connections per weight (ip_vs_wlc.c). As bpf/lib/schedule/wlc.h. */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { leastLoaded, overheadOf } from './least.ts';

export function scheduleWlc(service: Service): Destination | undefined {
  return leastLoaded(eligibleOf(service), overheadOf);
}
