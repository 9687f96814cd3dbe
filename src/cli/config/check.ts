/** What `fairlead check` does. */

import type { Configuration } from '../../config/configuration.ts';
import { plural } from '../../config/explain.ts';
import { loadConfiguration } from './load.ts';

export async function check(path: string): Promise<void> {
  const configuration = await loadConfiguration(path);
  if (configuration) process.stdout.write(`${path}: ${contents(configuration)}\n`);
}

/** `2 services, 5 real servers, 1 check`, or that there is nothing. */
function contents({ services = [], checks, vips = [], marks = [] }: Configuration): string {
  const servers = services.reduce((sum, service) => sum + service.servers.length, 0);
  const parts = [
    [services.length, 'service'],
    [servers, 'real server'],
    [checks.length, 'check'],
    [vips.length, 'address'],
    [marks.length, 'mark rule'],
  ] as const;
  const present = parts.filter(([count]) => count > 0).map(([count, noun]) => plural(count, noun));
  return present.length === 0 ? 'well, and empty' : `well: ${present.join(', ')}`;
}
