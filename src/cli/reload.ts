/** `fairlead reload`: the daemon reads its configuration file again, and says what came of it. */

import type { Command } from 'commander';
import { findDirector } from '../api/connect.ts';
import { notRunning, notRunningStatus } from './not-running.ts';

const help = `
The daemon of this network namespace reads the file that it was started with (FAIRLEAD_CONFIG in its unit), and makes
itself what it asks for: all at once, or nothing, as \`fairlead apply\` does. \`systemctl reload fairlead\` does the same,
and so does SIGHUP, which says in the log what came of it. More: docs/operations.md

Exit status: 0 done, 1 the file was refused and nothing was changed, ${notRunningStatus} no daemon runs.`;

export function register(program: Command): void {
  program
    .command('reload')
    .description('have the daemon read its configuration file again')
    .addHelpText('after', help)
    .action(async () => {
      const client = await findDirector();
      if (!client) return notRunning('`systemctl start fairlead`');
      const { file, changes, summary } = await client.call('reload', {});
      process.stdout.write(`${file}: ${changes === 0 ? 'nothing to change' : `done: ${summary}`}\n`);
    });
}
