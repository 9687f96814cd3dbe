/** `fairlead lab play <scenario>` */

import { Argument, type Command } from 'commander';
import { scenarios } from '../../lab/scenarios.ts';
import { perform } from './perform.ts';

export function register(lab: Command): void {
  const table = Object.values(scenarios).map(({ name, about }) => `  ${name.padEnd(13)} ${about}`);
  lab
    .command('play')
    .description('play a scenario step by step, with real packets, and check every step')
    .addArgument(new Argument('<scenario>', 'which one').choices(Object.keys(scenarios)))
    .addHelpText('after', `\nScenarios:\n${table.join('\n')}`)
    .action(async (name: string) => {
      const scenario = scenarios[name];
      if (scenario) await perform(scenario);
    });
}
