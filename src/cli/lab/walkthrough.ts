/** `fairlead lab walkthrough` */

import type { Command } from 'commander';
import { openLab } from '../../lab/lab.ts';
import { coloured, narrate, plain } from '../../lab/narrate.ts';
import { play, type Result, type Scenario } from '../../lab/scenario.ts';
import { walkthrough } from '../../lab/scenarios/walkthrough/walkthrough.ts';
import { buildTools, requireMachine } from '../../lab/tools.ts';
import { interruptible } from '../interruptible.ts';

export function register(lab: Command): void {
  lab
    .command('walkthrough')
    .description('play LVS direct routing step by step, with real packets, and check every step')
    .action(async () => {
      const { failed } = await interruptible((signal) => perform(walkthrough, signal));
      if (failed > 0) process.exitCode = 1;
    });
}

async function perform(scenario: Scenario, signal: AbortSignal): Promise<Result> {
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
