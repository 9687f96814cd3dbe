/** Routes whose answers are read by other programs than ours: each in the words that those know. */

import type { PageName } from '../api/routes.ts';
import type { Handlers } from '../api/server.ts';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import { listNeighbours } from '../linux/neighbours.ts';
import type { Director } from './director.ts';
import type { Door } from './door.ts';
import { createEventPage } from './event-stream.ts';
import type { Events } from './events.ts';
import type { Health } from './health/health.ts';
import { createHealthzPage } from './healthz.ts';
import { createMetricsPage } from './metrics.ts';
import type { Self } from './self.ts';
import type { Settings } from './settings.ts';

export type Pages = Pick<Handlers, PageName>;

export type PageModules = {
  readonly director: Director;
  readonly plane: BpfDataPlane;
  readonly settings: Settings;
  readonly events: Events;
  readonly health: Pick<Health, 'status'>;
  readonly self: Self;
  readonly inside: Door;
};

export function createPages({ director, plane, settings, events, health, self, inside }: PageModules): Pages {
  const neighbours = () => inside(listNeighbours);
  return {
    metrics: createMetricsPage({
      ...{ director, plane, settings, neighbours, health: health.status, daemon: self.figures },
    }),
    healthz: createHealthzPage({ plane, inside }),
    events: createEventPage(events),
  };
}
