/** `fairlead unload`: takes the data plane off this namespace, as `rmmod ip_vs` would. */

import type { Command } from 'commander';
import { connectDirector } from '../api/connect.ts';

export function register(program: Command): void {
  program
    .command('unload')
    .description('end the director of this network namespace: services, connections and programs are gone')
    .action(async () => {
      const client = await connectDirector();
      await client.call('unload', {});
    });
}
