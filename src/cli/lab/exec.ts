/** `fairlead lab exec <host> -- <command…>` */

import type { Command } from 'commander';
import { chooseLab } from '../../lab/choose.ts';
import { listLabs } from '../../lab/record.ts';
import { attach } from '../../lab/shell.ts';

export function register(lab: Command): void {
  lab
    .command('exec')
    .description('run a command on a host of a lab; ends with its exit code')
    .argument('<host>', 'for example server1')
    .argument('<command...>', 'with its own options: fairlead lab exec server1 -- ipvsadm -ln')
    .option('--lab <id>', 'which lab; not needed when only one stands')
    .action(async (host: string, command: readonly string[], options: { lab?: string }) => {
      process.exitCode = await attach(chooseLab(listLabs(), options.lab), host, command);
    });
}
