/**
 * The ETag of the configuration: another one whenever something is configured otherwise, by whomever, and the same for a daemon that
 * adopts it. The data plane's generation (docs/design/0007) stands for tables and marks, so that nothing of them has to be read.
 */

import { createHash } from 'node:crypto';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import type { HealthPlan } from '../health/plan.ts';
import type { Director } from './director.ts';
import type { Health } from './health/health.ts';
import type { Listeners } from './listeners.ts';
import type { Settings } from './settings.ts';
import type { SyncDaemons } from './sync-daemons.ts';
import type { Vips } from './vips.ts';

export type TagModules = {
  readonly plane: Pick<BpfDataPlane, 'generation'>;
  readonly director: Pick<Director, 'timeouts'>;
  readonly settings: Pick<Settings, 'sysctls'>;
  readonly syncDaemons: Pick<SyncDaemons, 'list'>;
  readonly vips: Pick<Vips, 'list'>;
  readonly listeners: Pick<Listeners, 'settings'>;
  readonly health: Pick<Health, 'plan'>;
};

/** With its quotes (RFC 9110, 8.8.3). */
export function createTag(modules: TagModules): () => string {
  const { plane, director, settings, syncDaemons, vips, listeners, health } = modules;
  let plan: HealthPlan | undefined;
  let planText = '';
  /** It is large, and replaced as a whole. */
  const textOfPlan = (): string => {
    const now = health.plan();
    if (now !== plan) planText = digest(now);
    plan = now;
    return planText;
  };
  return () => {
    const parts = [
      ...[plane.generation(), director.timeouts(), settings.sysctls(), syncDaemons.list()],
      ...[listed(vips), listeners.settings(), textOfPlan()],
    ];
    return `"${digest(parts)}"`;
  };
}

/** None where there is no way in, and nobody who could change them. */
function listed(vips: TagModules['vips']): unknown {
  try {
    return vips.list();
  } catch {
    return [];
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
}
