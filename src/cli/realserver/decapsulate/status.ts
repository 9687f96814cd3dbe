/** `fairlead realserver decapsulate status` */

import type { Command } from 'commander';
import { decapsulateWords } from '../../../realserver/decapsulate/command.ts';
import { counterNames, counters } from '../../../realserver/decapsulate/counters.ts';
import {
  type DecapsulationStatus,
  decapsulationStatus,
} from '../../../realserver/decapsulate/decapsulation.ts';
import { notRunning, requireRoot } from '../words.ts';

export function register(decapsulate: Command): void {
  decapsulate
    .command('status')
    .description('what is decapsulated, and what became of the packets')
    .option('--json', 'print JSON')
    .option('--command', 'print the words behind `decapsulate` that bring it about: start …, or stop')
    .addHelpText('after', `\nExit status: 0, or ${notRunning} where nothing is decapsulated.`)
    .action(({ json, command }: { readonly json?: true; readonly command?: true }) => {
      requireRoot();
      const status = decapsulationStatus();
      if (command) {
        process.stdout.write(`${status ? wordsOf(status) : 'stop'}\n`);
        return;
      }
      if (!status) {
        process.stderr.write('nothing is decapsulated in this network namespace\n');
        process.exitCode = notRunning;
        return;
      }
      process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : renderDecapsulation(status));
    });
}

function wordsOf({ vips, guePort, interfaces, isEverywhere }: DecapsulationStatus): string {
  return decapsulateWords(vips, guePort, isEverywhere ? [] : interfaces);
}

/** The status as a person reads it. */
export function renderDecapsulation({ interfaces, vips, guePort, counts }: DecapsulationStatus): string {
  const rows = counterNames.map((name) => {
    const { fate, meaning } = counters[name];
    return `  ${name.padEnd(11)} ${String(counts[name]).padStart(10)}  ${fate}: ${meaning}`;
  });
  return [
    `Interfaces         ${interfaces.join(' ')}`,
    `Virtual addresses  ${vips.join(' ')}`,
    `GUE port           ${guePort}`,
    'Packets in tunnels to them',
    ...rows,
    '',
  ].join('\n');
}
