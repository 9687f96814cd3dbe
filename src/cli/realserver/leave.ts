/** `fairlead realserver leave` */

import type { Command } from 'commander';
import { leave } from '../../realserver/join/realserver.ts';
import { reportText } from './report-text.ts';
import { installation, requireRoot } from './words.ts';

const help = `
What was there before join is there again, and what join has found done already stays. A setting that somebody
has changed since is left alone, and said.`;

export function register(realserver: Command): void {
  realserver
    .command('leave')
    .description('take back what join has done, and exactly that')
    .addHelpText('after', help)
    .action(async () => {
      requireRoot();
      process.stdout.write(reportText(await leave(installation())));
    });
}
