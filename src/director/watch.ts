/** What a daemon does between requests: notices the namespace's end and its interfaces, ends connections, keeps
 * the rates. */

import { setInterval } from 'node:timers/promises';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Director } from './director.ts';
import type { Door } from './door.ts';
import { estimationSeconds } from './estimator.ts';

const tickMilliseconds = 500;
const ticksPerEstimate = (estimationSeconds * 1000) / tickMilliseconds;
const ticksPerPurge = 60_000 / tickMilliseconds;
const ticksPerVerify = 2_000 / tickMilliseconds;

export type WatchModules = {
  readonly director: Director;
  readonly plane: BpfDataPlane;
  readonly inside: Door;
  readonly log: (line: string) => void;
};

/** Ends when `stopping` is aborted, or by aborting it when the namespace has gone. */
export async function keepWatch(modules: WatchModules, stopping: AbortController): Promise<void> {
  const { director, plane, inside, log } = modules;
  let tick = 0;
  let said = '';
  try {
    for await (const _ of setInterval(tickMilliseconds, undefined, { signal: stopping.signal })) {
      if (!plane.alive()) return stopping.abort();
      tick++;
      director.expire();
      const failures = refreshInterfaces(plane, inside, tick % ticksPerVerify === 0);
      if (failures !== said) log(failures);
      said = failures;
      if (tick % ticksPerEstimate === 0) director.stepRates();
      if (tick % ticksPerPurge === 0) plane.purge();
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
}

/** With nobody left inside there is nothing to follow: the namespace is about to end. */
function refreshInterfaces(plane: BpfDataPlane, inside: Door, verify: boolean): string {
  try {
    return inside(() => plane.refreshInterfaces(verify)).join('\n');
  } catch (error) {
    if (error instanceof FairleadError && error.code === 'NAMESPACE_GONE') return '';
    return error instanceof Error ? error.message : String(error);
  }
}
