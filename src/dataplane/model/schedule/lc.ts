/** lc: the least connections, whatever a destination weighs (ip_vs_lc.c). As bpf/lib/schedule/lc.h. */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { leastLoaded, overheadOf } from './least.ts';

export function scheduleLc(service: Service): Destination | undefined {
  return leastLoaded(eligibleOf(service), overheadOf, () => 1);
}
