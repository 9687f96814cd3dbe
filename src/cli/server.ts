/** `fairlead server`: what is done to a real server, in all the services that have it. */

import type { Command } from 'commander';
import { register as drain } from './server/drain.ts';
import { register as remove } from './server/remove.ts';
import { register as weight } from './server/weight.ts';

const help = `
A real server is named by its address, on whatever port, or with one: 10.0.0.11, 10.0.0.11:80, [fd00::11]:80. Without
--service it is meant wherever it is; a change holds in all of these services at once. More: docs/drain.md

Examples:
  fairlead server drain 10.0.0.11 --deadline 5m
  fairlead server enable 10.0.0.11
  fairlead server weight 10.0.0.11:80 3 --service tcp:192.0.2.10:80
  fairlead server remove 10.0.0.11 --reset`;

export function register(program: Command): void {
  const server = program
    .command('server')
    .description('drain, disable, enable, weigh or remove a real server')
    .addHelpText('after', help);
  for (const register of [drain, weight, remove]) register(server);
}
