/** `fairlead mark delete <number>` */

import type { Command } from 'commander';
import { connectDirector } from '../../api/connect.ts';
import { positive } from './add.ts';

export function register(mark: Command): void {
  mark
    .command('delete')
    .description('take out a rule; those behind it move up')
    .argument('<number>', 'as `fairlead mark list` shows it', positive)
    .action(async (number: number) => {
      const client = await connectDirector();
      await client.call('deleteMarkRule', { params: { number: String(number) } });
    });
}
