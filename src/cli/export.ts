/** `fairlead export`: the running state as a configuration file. */

import type { Command } from 'commander';

const help = `
Applied to the same director the file changes nothing; applied to one that is new it makes the same. IPVS's settings at
their default and comments are left out; weights are those that are wanted, whatever health checks have made of them.

Examples:
  fairlead export > /etc/fairlead/fairlead.yaml
  fairlead export | ssh director2 fairlead plan -`;

export function register(program: Command): void {
  program
    .command('export')
    .description('print the running state as a configuration file')
    .addHelpText('after', help)
    .action(async () => {
      const { writeRunning } = await import('./config/export.ts');
      await writeRunning();
    });
}
