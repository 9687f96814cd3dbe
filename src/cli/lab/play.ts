/** `fairlead lab play <scenario>`, `… play pitfall <name…>`, `… play healthy <name…>` */

import type { Command } from 'commander';
import { healthyScenario, scenariosOf } from '../../lab/pitfalls/scenario.ts';
import { settings } from '../../lab/pitfalls/settings.ts';
import { trials } from '../../lab/pitfalls/table.ts';
import type { Scenario } from '../../lab/scenario.ts';
import { scenarios } from '../../lab/scenarios.ts';
import { perform } from './perform.ts';

/** What can be played by further names, and the scenarios that those make. */
const families: Readonly<Record<string, Family>> = {
  pitfall: {
    about: 'what can go wrong, what the doctor says to it, and its cure: fairlead lab pitfalls',
    names: trials.map(({ name }) => name),
    play: (names) => scenariosOf(trials.filter(({ name }) => names.includes(name))),
  },
  healthy: {
    about: `set-ups in which the doctor finds nothing: ${settings.map(({ name }) => name).join(', ')}`,
    names: settings.map(({ name }) => name),
    play: (names) => settings.filter(({ name }) => names.includes(name)).map(healthyScenario),
  },
};

type Family = {
  readonly about: string;
  readonly names: readonly string[];
  readonly play: (names: readonly string[]) => readonly Scenario[];
};

export function register(lab: Command): void {
  const table = [...Object.values(scenarios), ...Object.entries(families).map(named)];
  lab
    .command('play')
    .description('play a scenario step by step, with real packets, and check every step')
    .argument('<scenario>', 'which one')
    .argument('[names...]', 'after `pitfall` and `healthy`: which of them; those of one set-up share a lab')
    .addHelpText('after', `\nScenarios:\n${table.map(line).join('\n')}`)
    .action(async (name: string, names: readonly string[], _: unknown, command: Command) => {
      const wanted = families[name] ? ofFamily(name, families[name], names) : single(name, names);
      if (typeof wanted === 'string') return command.error(`error: ${wanted}`);
      for (const scenario of wanted) await perform(scenario);
    });
}

function named([name, { about }]: readonly [string, Family]): Pick<Scenario, 'name' | 'about'> {
  return { name, about };
}

function line({ name, about }: Pick<Scenario, 'name' | 'about'>): string {
  return `  ${name.padEnd(13)} ${about}`;
}

/** The scenario, or what is wrong with the call. */
function single(name: string, names: readonly string[]): readonly Scenario[] | string {
  const scenario = scenarios[name];
  if (!scenario) {
    return `no scenario ${name}; there are ${[...Object.keys(scenarios), ...Object.keys(families)].join(', ')}`;
  }
  return names.length === 0 ? [scenario] : `too many words after ${name}`;
}

function ofFamily(kind: string, family: Family, names: readonly string[]): readonly Scenario[] | string {
  const choice = `there are ${family.names.join(', ')}`;
  if (names.length === 0) return `which ${kind}? ${choice}`;
  const unknown = names.find((name) => !family.names.includes(name));
  return unknown === undefined ? family.play(names) : `no ${kind} ${unknown}; ${choice}`;
}
