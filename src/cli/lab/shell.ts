/** `fairlead lab shell <host>` */

import type { Command } from 'commander';
import { chooseLab } from '../../lab/choose.ts';
import { listLabs } from '../../lab/record.ts';
import { openShell } from '../../lab/shell.ts';

export function register(lab: Command): void {
  lab
    .command('shell')
    .description('open a shell on a host of a lab')
    .argument('<host>', 'for example server1')
    .option('--lab <id>', 'which lab; not needed when only one stands')
    .action(async (host: string, options: { lab?: string }) => {
      process.exitCode = await openShell(chooseLab(listLabs(), options.lab), host);
    });
}
