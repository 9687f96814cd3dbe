/** `fairlead realserver isolate stop` */

import type { Command } from 'commander';
import { stopIsolation } from '../../../realserver/isolate/isolation.ts';
import { requireRoot } from '../words.ts';

export function register(isolate: Command): void {
  isolate
    .command('stop')
    .description('end it; where it does not run, nothing is done')
    .action(() => {
      requireRoot();
      stopIsolation();
    });
}
