/** `fairlead lab down [id]` */

import type { Command } from 'commander';
import { chooseLab } from '../../lab/choose.ts';
import { listLabs } from '../../lab/record.ts';
import { tearDown } from '../../lab/teardown.ts';

export function register(lab: Command): void {
  lab
    .command('down')
    .description('take a lab down, with everything that runs in it')
    .argument('[id]', 'which one; not needed when only one stands')
    .option('--all', 'every lab that stands (not those that a running scenario works in)')
    .action(async (id: string | undefined, { all }: { all?: true }) => {
      const labs = listLabs();
      const doomed = all ? labs.filter(({ standing }) => standing) : [chooseLab(labs, id)];
      const faults = await Promise.all(doomed.map(({ id }) => tearDown(id)));
      for (const fault of faults.flat()) process.stderr.write(`fairlead: ${fault}\n`);
      for (const { id } of doomed) process.stderr.write(`lab ${id} is down\n`);
    });
}
