/** `fairlead realserver decapsulate stop` */

import type { Command } from 'commander';
import { stopDecapsulation } from '../../../realserver/decapsulate/decapsulation.ts';
import { oneMore, requireRoot } from '../words.ts';

export function register(decapsulate: Command): void {
  decapsulate
    .command('stop')
    .description('end it; where it does not run, nothing is done')
    .option('-i, --interface <name>', 'only there; may be repeated', oneMore)
    .action(({ interface: names = [] }: { readonly interface?: readonly string[] }) => {
      requireRoot();
      stopDecapsulation(names);
    });
}
