/** rr: the next eligible destination after the last one chosen (ip_vs_rr.c). As bpf/lib/schedule/rr.h. */

import type { Destination, Service } from '../memory.ts';
import { eligibleOf } from './eligible.ts';

/** Sequence numbers fall along the list, so that a removed destination's tells where it stood. */
export function scheduleRr(service: Service): Destination | undefined {
  const { scheduling } = service;
  const eligible = eligibleOf(service);
  const behind = eligible.find(({ sequence }) => sequence < scheduling.last);
  const chosen = behind ?? eligible[0];
  if (chosen) scheduling.last = chosen.sequence;
  return chosen;
}

/** With the last choice gone and nothing newer left, the next one is whatever comes to stand at the head. */
export function fitRr({ scheduling, destinations }: Service): void {
  if (scheduling.last > (destinations[0]?.sequence ?? 0)) scheduling.last = 0;
}
