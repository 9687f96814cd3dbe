/**
 * ovf: overflow. The heaviest destination until it has more active connections than it weighs, then the next
 * heaviest; nobody when all are full (ip_vs_ovf.c). As bpf/lib/schedule/ovf.h.
 */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { heaviestOf } from './heaviest.ts';

export function scheduleOvf(service: Service): Destination | undefined {
  return heaviestOf(eligibleOf(service).filter(({ active, config }) => active <= config.weight));
}
