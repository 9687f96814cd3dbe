/** `fairlead realserver`: what a real server itself has to do for LVS. */

import type { Command } from 'commander';
import { register as decapsulate } from './realserver/decapsulate.ts';

const help = `
To be run on real servers, which need no director for it.

Examples:
  fairlead realserver decapsulate start 192.0.2.100 2001:db8:1::100
  fairlead realserver decapsulate status`;

export function register(program: Command): void {
  const realserver = program
    .command('realserver')
    .description('what a real server has to do: take packets out of tunnels')
    .addHelpText('after', help);
  for (const register of [decapsulate]) register(realserver);
}
