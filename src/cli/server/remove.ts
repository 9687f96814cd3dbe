/** `fairlead server remove`: out of its services, and what becomes of its connections. */

import type { Command } from 'commander';
import { remove, reset, setWeight } from './change.ts';
import { milliseconds, waitFor } from './drain.ts';
import { findMembers, realServer, serviceOption } from './find.ts';
import { connectionsText, loadOf, loadText } from './load.ts';
import { type RealServer, realServerText } from './members.ts';

const help = `
A real server that is idle is removed. One that has connections is not, unless it is said what becomes of them:
  --drain   no new ones come; when the last has ended, or at the deadline, it is removed
  --reset   they end at once: those of TCP are reset at both ends, flows of UDP go to another real server
With both, what is left at the deadline is reset. Without either, ipvsadm -d would leave them hanging.

Examples:
  fairlead server remove 10.0.0.11 --drain
  fairlead server remove 10.0.0.11 --drain --deadline 5m --reset
  fairlead server remove 10.0.0.11 --reset

Exit status: 0 it is removed, 1 it is not: connections are left.`;

type Options = {
  readonly service?: readonly string[];
  readonly drain?: true;
  readonly deadline?: number;
  readonly reset?: true;
};

export function register(server: Command): void {
  server
    .command('remove')
    .description('take a real server out of its services')
    .argument('<real-server>', 'an address, or an address with a port', realServer)
    .addOption(serviceOption())
    .option('--drain', 'wait for the end of its connections')
    .option('--deadline <time>', 'wait so long at most, such as 90s or 5m', milliseconds)
    .option('--reset', 'end its connections')
    .addHelpText('after', help)
    .action(async (which: RealServer, options: Options) => {
      const { client, members } = await findMembers(which, options.service);
      const name = realServerText(which);
      if (options.drain) {
        await setWeight(client, members, 0);
        await waitFor(client, members, name, options.deadline);
      }
      const load = loadOf(await client.call('listServices', {}), members);
      if (load.open > 0 && !options.reset) {
        const hint = options.drain ? '--reset ends them' : '--drain waits for them, --reset ends them';
        process.stderr.write(`${name}: ${loadText(load)}: ${hint}; it was not removed\n`);
        process.exitCode = 1;
        return;
      }
      await remove(client, members);
      const ended = options.reset ? await reset(client, members) : 0;
      process.stdout.write(`${name}: removed${ended > 0 ? `, ${connectionsText(ended)} ended` : ''}\n`);
    });
}
