/** `fairlead realserver`: what a real server itself has to do for LVS. */

import type { Command } from 'commander';
import { register as check } from './realserver/check.ts';
import { register as decapsulate } from './realserver/decapsulate.ts';
import { register as exportScript } from './realserver/export.ts';
import { register as isolate } from './realserver/isolate.ts';
import { register as join } from './realserver/join.ts';
import { register as leave } from './realserver/leave.ts';
import { register as push } from './realserver/push.ts';
import { register as status } from './realserver/status.ts';

const help = `
To be run on real servers, which need no director for it.

Examples:
  fairlead realserver join 192.0.2.100
  fairlead realserver check
  fairlead realserver leave`;

export function register(program: Command): void {
  const realserver = program
    .command('realserver')
    .description(
      'what a real server has to do: hold the address and keep quiet about it, take packets out of tunnels',
    )
    .addHelpText('after', help);
  for (const register of [join, leave, status, check, exportScript, push, isolate, decapsulate])
    register(realserver);
}
