/** Health with all that it stands on: its memory in the run directory, and the checker inside the namespace. */

import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { BpfDataPlane } from '../../dataplane/bpf/dataplane.ts';
import { createChecker } from '../../health/checker/checker.ts';
import type { Logger } from '../../ipvs/log.ts';
import type { Director } from '../director.ts';
import type { Events } from '../events.ts';
import type { Farewell } from '../farewell.ts';
import type { Saved } from '../saved.ts';
import { createHealth, type Health } from './health.ts';
import { createMaintenance } from './maintenance.ts';
import { createMemory } from './memory.ts';

/** So long a directory is waited for at the start, and by a plan that names it. */
const patienceMilliseconds = 1000;

export type OpenHealth = Health & {
  /** Ends the checker. What is known is kept for the next daemon, unless the data plane has gone. */
  close(): Promise<void>;
};

export async function openHealth(
  namespace: number,
  { plane, director, events, farewell, saved, log }: OpenHealthModules,
): Promise<OpenHealth> {
  const warn = (line: string): void => log.warning(line);
  const memory = createMemory(
    { plan: saved('plan'), state: saved('health'), ahead: saved('health-ahead') },
    plane.generation,
  );
  const checker = createChecker({ namespace, report: (id, outcome) => health.take(id, outcome), log: warn });
  const clocks = { now: () => performance.now(), date: Date.now };
  const ask = checker.want;
  const patience = (): Promise<unknown> => setTimeout(patienceMilliseconds, undefined, { ref: false });
  const maintenance = createMaintenance({ read: readdir, patience, log: warn });
  if (plane.adopted) await maintenance.foresee(memory.read().plan.maintenance);
  const health = createHealth(
    { plane, director, events, memory, maintenance, farewell, log: warn, clocks, ask },
    !plane.adopted,
  );
  return {
    ...health,
    async close() {
      await checker.close();
      if (!plane.alive()) memory.forget();
    },
  };
}

type OpenHealthModules = {
  readonly plane: BpfDataPlane;
  readonly director: Director;
  readonly events: Events;
  readonly farewell: Farewell;
  /** What is kept for the next daemon, by kind. */
  readonly saved: <T>(kind: string) => Saved<T>;
  readonly log: Logger;
};
