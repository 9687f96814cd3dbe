/** What `fairlead export` does. */

import { findDirector } from '../../api/connect.ts';
import { exported } from '../../config/export.ts';
import { renderFile } from '../../config/render.ts';
import { nothingRuns, runningOf } from './running.ts';

export async function writeRunning(): Promise<void> {
  const client = await findDirector();
  if (!client) process.stderr.write('no director runs in this network namespace\n');
  process.stdout.write(renderFile(exported(client ? await runningOf(client) : nothingRuns)));
}
