/** `fairlead sysctl`: IPVS's settings, as sysctl(8) shows and changes those of net.ipv4.vs. */

import type { Command } from 'commander';
import { connectDirector } from '../api/connect.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { isSysctlName, type SysctlName, type SysctlValues, sysctlNames, sysctls } from '../ipvs/sysctl.ts';

/** The prefix that the kernel's have; it may stand in front of ours, too. */
const kernelPrefix = /^(net\.ipv4\.vs\.|net\/ipv4\/vs\/)/;

export function register(program: Command): void {
  program
    .command('sysctl')
    .description('show or change the settings that IPVS has under net.ipv4.vs')
    .argument('[names...]', 'without any, all are shown; with -w: name=value')
    .option('-w, --write', 'change: all that are given, or none')
    .option('--json', 'print JSON')
    .addHelpText('after', helpText())
    .action(async (names: readonly string[], { write, json }: Options, command: Command) => {
      const changes = write ? readChanges(names) : undefined;
      if (typeof changes === 'string') return command.error(`error: ${changes}`);
      const change = write ? undefined : names.find((name) => name.includes('='));
      if (change !== undefined) return command.error(`error: ${change} would be a change: say -w`);
      const wanted = (changes ? Object.keys(changes) : names).map(known);
      const client = await connectDirector();
      if (changes) await client.call('setSysctls', { body: changes });
      const values = await client.call('getSysctls', {});
      process.stdout.write(render(values, wanted.length > 0 ? wanted : sysctlNames, json === true));
    });
}

type Options = { readonly write?: true; readonly json?: true };

/** `name=value` words as an object, or what is wrong. Throws SYSCTL_UNKNOWN. */
export function readChanges(words: readonly string[]): Readonly<Record<string, number>> | string {
  if (words.length === 0) return 'nothing to change: say name=value';
  const changes: Record<string, number> = {};
  for (const word of words) {
    const [, name, value] = /^([^=\s]+)\s*=\s*([+-]?\d{1,10})$/.exec(word) ?? [];
    if (name === undefined) return `${word} is not name=value`;
    changes[known(name)] = Number(value);
  }
  return changes;
}

/** The name without the kernel's prefix. Throws SYSCTL_UNKNOWN. */
function known(name: string): SysctlName {
  const own = name.replace(kernelPrefix, '');
  if (!isSysctlName(own)) throw new FairleadError('SYSCTL_UNKNOWN', name);
  return own;
}

function render(values: SysctlValues, names: readonly SysctlName[], json: boolean): string {
  if (!json) return names.map((name) => `${name} = ${values[name]}\n`).join('');
  return `${JSON.stringify(Object.fromEntries(names.map((name) => [name, values[name]])), undefined, 2)}\n`;
}

function helpText(): string {
  const rows = sysctlNames.map((name) => {
    const { minimum, maximum, initial, meaning } = sysctls[name];
    const range = maximum === 0x7fffffff ? `${minimum}..` : `${minimum}..${maximum}`;
    return `  ${name.padEnd(26)} ${range.padEnd(6)} ${String(initial).padEnd(6)} ${meaning}`;
  });
  return `
Settings             (range, default)
${rows.join('\n')}

A change takes effect at once and outlives the daemon. More: docs/sysctl.md

Examples:
  fairlead sysctl
  fairlead sysctl conn_reuse_mode
  fairlead sysctl -w expire_nodest_conn=1 expire_quiescent_template=1`;
}
