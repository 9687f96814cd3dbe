/** `fairlead mark clear` */

import type { Command } from 'commander';
import { connectDirector } from '../../api/connect.ts';

export function register(mark: Command): void {
  mark
    .command('clear')
    .description('take out all rules')
    .action(async () => {
      const client = await connectDirector();
      await client.call('replaceMarkRules', { body: [] });
    });
}
