/** `fairlead lab reap <id>`: not for people. lab/reaper.ts starts it beside every lab. */

import type { Command } from 'commander';
import { reap } from '../../lab/reaper.ts';

export const name = 'reap';

export function register(lab: Command): void {
  lab
    .command(name, { hidden: true })
    .argument('<id>')
    .action((id: string) => reap(id, process.stdin));
}
