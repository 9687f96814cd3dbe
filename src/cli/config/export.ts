/** What `fairlead export` does. */

import { findDirector } from '../../api/connect.ts';
import { exported } from '../../config/export.ts';
import { makesSense } from '../../config/read.ts';
import { renderFile } from '../../config/render.ts';
import { sayProblems } from './result.ts';
import { nothingRuns, runningOf } from './running.ts';

export async function writeRunning(): Promise<void> {
  const client = await findDirector();
  if (!client) process.stderr.write('no director runs in this network namespace\n');
  const file = exported(client ? await runningOf(client) : nothingRuns);
  const text = renderFile(file);
  process.stdout.write(text);
  if (!makesSense(file)) sayProblems(text, 'what runs would be refused as a file');
}
