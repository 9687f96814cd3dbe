/** Playing a scenario on the terminal. */

import { openLab } from '../../lab/lab.ts';
import { coloured, narrate, plain } from '../../lab/narrate.ts';
import { play, type Result, type Scenario } from '../../lab/scenario.ts';
import { buildTools, requireMachine } from '../../lab/tools.ts';
import { interruptible } from '../interruptible.ts';

/** Plays it in a lab of its own; a check that does not hold makes the exit code 1. */
export async function perform(scenario: Scenario): Promise<void> {
  const { failed } = await interruptible((signal) => played(scenario, signal));
  if (failed > 0) process.exitCode = 1;
}

async function played(scenario: Scenario, signal: AbortSignal): Promise<Result> {
  requireMachine([...buildTools, ...scenario.tools]);
  const lab = await openLab(scenario.topology, signal);
  const inColour = process.stdout.isTTY && !process.env['NO_COLOR'];
  const paint = inColour ? coloured : plain;
  try {
    return await play(scenario, lab, (event) => process.stdout.write(narrate(event, paint)), signal);
  } finally {
    for (const fault of await lab.close()) process.stderr.write(`fairlead: ${fault}\n`);
  }
}
