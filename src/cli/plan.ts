/** `fairlead plan`: what applying a configuration file would change. */

import type { Command } from 'commander';
import { withFile } from './config/file-argument.ts';
import type { PlanOptions } from './config/plan.ts';

const help = `
+ is new, - goes, ~ changes. What the file does not name is not touched: without \`services:\` no service, and a real
server without \`weight:\` keeps the weight it has.

--commands says in comments what has no command: health checks, names, where the API listens. Addresses that ip(8) puts
on an interface are not Fairlead's, and stay when the file no longer names them.

Examples:
  fairlead plan
  fairlead plan --commands new.yaml        the same as lines of ipvsadm, fairlead and ip
  fairlead plan --exit-code && echo 'as the file has it'

Exit status: 0, 1 the file is wrong; with --exit-code: 4 where there is something to change.`;

export function register(program: Command): void {
  withFile(program.command('plan').description('what applying a configuration file would change'))
    .option('--commands', 'as the commands that would do the same, one by one')
    .option('--json', 'print JSON')
    .option('--exit-code', 'end with 4 where there is something to change')
    .addHelpText('after', help)
    .action(async (path: string, options: PlanOptions) => {
      const { plan } = await import('./config/plan.ts');
      await plan(path, options);
    });
}
