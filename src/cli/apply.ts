/** `fairlead apply`: makes the director what a configuration file asks for. */

import type { Command } from 'commander';
import { withFile } from './config/file-argument.ts';

const help = `
All of it takes effect at once, or nothing does. What stays is not touched: connections, counters and places in the
schedule go on, and so do weights set by hand where the file does not name one. Services and real servers that the
file does not name are removed. More: docs/configuration.md

Examples:
  fairlead plan && fairlead apply
  fairlead export > before.yaml; fairlead apply new.yaml || fairlead apply before.yaml

Exit status: 0 done, 1 nothing was changed.`;

export function register(program: Command): void {
  withFile(program.command('apply').description('make the director what a configuration file asks for'))
    .addHelpText('after', help)
    .action(async (path: string) => {
      const { apply } = await import('./config/apply.ts');
      await apply(path);
    });
}
