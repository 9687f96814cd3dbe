/**
 * nq: never queue. The first destination without an active connection, even if a faster one would be done sooner;
 * when all are busy, as sed (ip_vs_nq.c). As bpf/lib/schedule/nq.h.
 */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { scheduleSed } from './sed.ts';

export function scheduleNq(service: Service): Destination | undefined {
  return eligibleOf(service).find(({ active }) => active === 0) ?? scheduleSed(service);
}
