/** `fairlead export`: the running state as a configuration file. */

import type { Command } from 'commander';

const help = `
Settings that are at their default are left out. Applied to the same director the file changes nothing; applied to
another one it makes the same. Names, checks and comments are of the file, not of the director: they are not there.

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
