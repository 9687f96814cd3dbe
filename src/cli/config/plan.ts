/** What `fairlead plan` does. */

import { findDirector } from '../../api/connect.ts';
import { difference } from '../../config/diff.ts';
import { explain, summary } from '../../config/explain.ts';
import { ruleWords } from '../../ipvs/mark-rule-words.ts';
import { commandLines } from './commands.ts';
import { loadConfiguration } from './load.ts';
import { nothingRuns, runningOf } from './running.ts';

export type PlanOptions = {
  readonly commands?: true;
  readonly json?: true;
  /** End with it where there is something to change. */
  readonly exitCode?: true;
};

/** As `git diff --exit-code` has it, but 1 is a failure here. */
const somethingToChange = 4;

export async function plan(path: string, { commands, json, exitCode }: PlanOptions): Promise<void> {
  const configuration = await loadConfiguration(path);
  if (!configuration) return;
  const client = await findDirector();
  if (!client) process.stderr.write('no director runs in this network namespace: everything would be new\n');
  const steps = difference(client ? await runningOf(client) : nothingRuns, configuration);
  if (json) process.stdout.write(`${JSON.stringify(steps, undefined, 2)}\n`);
  else if (commands)
    process.stdout.write(
      steps
        .flatMap(commandLines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  else {
    const lines = explain(steps, (rule) => ruleWords(rule).join(' '));
    process.stdout.write(lines.map((line) => `${coloured(line)}\n`).join(''));
  }
  process.stderr.write(steps.length === 0 ? 'nothing to change\n' : `${summary(steps)}\n`);
  if (steps.length > 0 && exitCode) process.exitCode = somethingToChange;
}

const colours: Readonly<Record<string, number>> = { '+': 32, '-': 31, '~': 33 };

/** By its sign, where somebody looks on. */
function coloured(line: string): string {
  const colour = colours[line.charAt(0)];
  const isWanted = process.stdout.isTTY && !process.env['NO_COLOR'];
  return colour !== undefined && isWanted ? `\u001b[${colour}m${line}\u001b[0m` : line;
}
