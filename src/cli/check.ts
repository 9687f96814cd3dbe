/** `fairlead check`: whether a configuration file is right. Asks nobody, and needs no root. */

import type { Command } from 'commander';
import { withFile } from './config/file-argument.ts';

const help = `
Everything that is wrong is said with its place and what would be right. What each key means: docs/configuration.md

Examples:
  fairlead check
  fairlead check new.yaml && fairlead apply new.yaml

Exit status: 0 it is right, 1 it is not.`;

export function register(program: Command): void {
  withFile(program.command('check').description('whether a configuration file is right'))
    .addHelpText('after', help)
    .action(async (path: string) => {
      const { check } = await import('./config/check.ts');
      await check(path);
    });
}
