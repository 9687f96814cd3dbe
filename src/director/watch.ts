/**
 * What a daemon does between requests, beside sweeping (expiry.ts): notices the namespace's end and its interfaces, sees to
 * IPVS's defences, keeps the rates.
 */

import { setInterval } from 'node:timers/promises';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { FairleadError, messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import { freePages } from '../linux/memory.ts';
import { createInterfaceNews } from './announce.ts';
import type { Director } from './director.ts';
import type { Door } from './door.ts';
import type { Drops } from './drops.ts';
import { estimationSeconds } from './estimator.ts';
import type { Events } from './events.ts';
import type { Listeners } from './listeners.ts';

const tickMilliseconds = 500;
const ticksPerEstimate = (estimationSeconds * 1000) / tickMilliseconds;
/** DEFENSE_TIMER_PERIOD of ip_vs_ctl.c. */
const ticksPerDefence = 1_000 / tickMilliseconds;
const ticksPerPurge = 60_000 / tickMilliseconds;
const ticksPerVerify = 2_000 / tickMilliseconds;

export type WatchModules = {
  readonly director: Director;
  readonly drops: Drops;
  readonly listeners: Pick<Listeners, 'step'>;
  readonly plane: BpfDataPlane;
  readonly inside: Door;
  readonly events: Events;
  readonly log: Logger;
  /** What is done each time besides. */
  readonly beat: () => void;
};

/** Ends when `stopping` is aborted, or by aborting it when the namespace has gone. */
export async function keepWatch(
  modules: WatchModules,
  stopping: AbortController,
): Promise<'stopped' | 'gone'> {
  const { director, drops, listeners, plane, inside, events, log, beat } = modules;
  const news = createInterfaceNews(plane.interfaces, events);
  let tick = 0;
  let said = '';
  try {
    for await (const _ of setInterval(tickMilliseconds, undefined, { signal: stopping.signal })) {
      if (!plane.alive()) {
        stopping.abort();
        return 'gone';
      }
      tick++;
      const failures = [
        attempt(() => listeners.step()),
        attempt(() => inside(() => plane.refreshInterfaces(tick % ticksPerVerify === 0)).join('\n')),
        attempt(() => tick % ticksPerDefence === 0 && director.defend(freePages())),
        attempt(() => tick % ticksPerEstimate === 0 && director.stepRates()),
        attempt(() => tick % ticksPerEstimate === 0 && drops.step()),
        attempt(() => tick % ticksPerPurge === 0 && plane.purge()),
        attempt(news),
        attempt(beat),
      ]
        .filter((line) => line !== '')
        .join('\n');
      if (failures !== said && failures !== '') log.warning(failures);
      said = failures;
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
  return 'stopped';
}

/**
 * What one duty has to say: a passing failure must not end the daemon. With nobody left inside the namespace
 * there is nothing to follow; it is about to end.
 */
function attempt(duty: () => unknown): string {
  try {
    const said = duty();
    return typeof said === 'string' ? said : '';
  } catch (error) {
    if (error instanceof FairleadError && error.code === 'NAMESPACE_GONE') return '';
    return messageOf(error);
  }
}
