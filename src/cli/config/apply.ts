/** What `fairlead apply` does: one transaction, which a director makes as a whole or not at all. */

import type { Client } from '../../api/client.ts';
import { connectDirector } from '../../api/connect.ts';
import { callOf } from '../../config/calls.ts';
import type { Configuration } from '../../config/configuration.ts';
import { difference } from '../../config/diff.ts';
import { explain, summary } from '../../config/explain.ts';
import type { Step } from '../../config/step.ts';
import { type ErrorCode, FairleadError } from '../../ipvs/errors.ts';
import { ruleWords } from '../mark/rule-words.ts';
import { loadConfiguration } from './load.ts';
import { runningOf } from './running.ts';

/** Refusals of something that was there, or not, when the difference was looked for. */
const overtaken: readonly string[] = [
  ...(['SERVICE_EXISTS', 'SERVICE_NOT_FOUND', 'SERVICE_NOT_DEFINED'] satisfies ErrorCode[]),
  ...(['DESTINATION_EXISTS', 'DESTINATION_NOT_FOUND'] satisfies ErrorCode[]),
];
const attempts = 3;

export async function apply(path: string): Promise<void> {
  const configuration = await loadConfiguration(path);
  if (!configuration) return;
  const client = await connectDirector();
  const steps = await applyTo(client, configuration);
  process.stdout.write(steps.length === 0 ? 'nothing to change\n' : `done: ${summary(steps)}\n`);
  if (configuration.services?.some(({ health }) => health.checks.length > 0))
    process.stderr.write('health checks are read, but not run yet: real servers stay as the file has them\n');
}

/** Makes the director what is asked for; answers what had to be done. Throws the first refusal, and nothing is done. */
async function applyTo(client: Client, configuration: Configuration): Promise<readonly Step[]> {
  for (let attempt = 1; ; attempt++) {
    const steps = difference(await runningOf(client), configuration);
    if (steps.length === 0) return steps;
    const { refused } = await client.call('transaction', { body: steps.map(callOf) });
    if (!refused) return steps;
    if (overtaken.includes(refused.code) && attempt < attempts) continue;
    const at = steps[refused.index];
    const what = at
      ? explain([at], (rule) => ruleWords(rule).join(' '))
          .join(' ')
          .trim()
      : '';
    const detail = [refused.detail, `at ${what}`, 'nothing was changed'].filter(Boolean).join('; ');
    throw new FairleadError(refused.code as ErrorCode, detail);
  }
}
