/** `fairlead export`: the running state as a configuration file. */

import type { Command } from 'commander';

const help = `
Applied to the same director the file changes nothing; applied to one that is new it makes the same. IPVS's settings at
their default and comments are left out; weights are those that are wanted, whatever health checks have made of them.

What no file may ask for, such as a quorum of more than what somebody has left by ipvsadm -d, is said on standard error.

Examples:
  fairlead export > /etc/fairlead/fairlead.yaml
  fairlead export | ssh director2 fairlead plan -

Exit status: 0, 1 the result is not right by itself, which is said.`;

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
