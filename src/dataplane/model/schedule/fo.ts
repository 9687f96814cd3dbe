/** fo: fail over. The heaviest destination, as long as it is eligible (ip_vs_fo.c). As bpf/lib/schedule/fo.h. */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { heaviestOf } from './heaviest.ts';

export function scheduleFo(service: Service): Destination | undefined {
  return heaviestOf(eligibleOf(service));
}
