/** Choosing a real server. A scheduler is one file here and one case below. As bpf/lib/schedule.h. */

import type { Destination, Memory, Service } from '../memory.ts';
import type { Tuple } from '../packet/packet.ts';
import { scheduleFo } from './fo.ts';
import { scheduleByHash } from './hash.ts';
import { scheduleLblc } from './lblc.ts';
import { scheduleLblcr } from './lblcr.ts';
import { scheduleLc } from './lc.ts';
import { scheduleNq } from './nq.ts';
import { scheduleOvf } from './ovf.ts';
import { fitRr, scheduleRr } from './rr.ts';
import { scheduleSed } from './sed.ts';
import { scheduleTwos } from './twos.ts';
import { scheduleWlc } from './wlc.ts';
import { fitWrr, scheduleWrr } from './wrr.ts';

const nanosecondsPerSecond = 1e9;

/** The chosen destination; `undefined` when none is eligible. */
export function schedule(
  memory: Memory,
  service: Service,
  packet: Tuple,
  now: number,
): Destination | undefined {
  const { lblc_expiration, lblcr_expiration } = memory.sysctls;
  switch (service.config.scheduler) {
    case 'rr':
      return scheduleRr(service);
    case 'wrr':
      return scheduleWrr(service);
    case 'wlc':
      return scheduleWlc(service);
    case 'lc':
      return scheduleLc(service);
    case 'sed':
      return scheduleSed(service);
    case 'nq':
      return scheduleNq(service);
    case 'fo':
      return scheduleFo(service);
    case 'ovf':
      return scheduleOvf(service);
    case 'twos':
      return scheduleTwos(service, memory.world.draw);
    case 'dh':
    case 'sh':
    case 'mh':
      return scheduleByHash(service, packet);
    case 'lblc':
      return scheduleLblc(service, packet.virtual, now, lblc_expiration * nanosecondsPerSecond);
    case 'lblcr':
      return scheduleLblcr(service, packet.virtual, now, lblcr_expiration * nanosecondsPerSecond);
    case 'none':
      return undefined;
  }
}

/** What a change of the service's list, or of a weight in it, does to what its scheduler remembers. */
export function fitScheduling(service: Service): void {
  service.scheduling.table = undefined;
  if (service.config.scheduler === 'rr') fitRr(service);
  if (service.config.scheduler === 'wrr') fitWrr(service);
}
