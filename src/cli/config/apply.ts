/** What `fairlead apply` does. */

import { connectDirector } from '../../api/connect.ts';
import { applyConfiguration } from '../../config/apply.ts';
import { summary } from '../../config/explain.ts';
import { loadConfiguration } from './load.ts';
import { targetOf } from './running.ts';

export async function apply(path: string): Promise<void> {
  const configuration = await loadConfiguration(path);
  if (!configuration) return;
  const client = await connectDirector();
  const steps = await applyConfiguration(targetOf(client), configuration);
  process.stdout.write(steps.length === 0 ? 'nothing to change\n' : `done: ${summary(steps)}\n`);
}
