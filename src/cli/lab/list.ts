/** `fairlead lab list` */

import type { Command } from 'commander';
import { type LabRecord, listLabs } from '../../lab/record.ts';

export function register(lab: Command): void {
  lab
    .command('list')
    .description('the labs on this machine')
    .option('--json', 'as a JSON array')
    .action(({ json }: { json?: true }) => {
      const labs = listLabs();
      process.stdout.write(json ? `${JSON.stringify(labs)}\n` : labs.map(line).join(''));
    });
}

function line({ id, topology, standing, owner, since }: LabRecord): string {
  const state = standing ? 'stands' : `runs (pid ${owner.pid})`;
  return `${id}  ${topology.padEnd(10)}  ${state.padEnd(18)}  since ${since}\n`;
}
