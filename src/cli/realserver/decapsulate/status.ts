/** `fairlead realserver decapsulate status` */

import type { Command } from 'commander';
import { counterNames, counters } from '../../../realserver/counters.ts';
import { type DecapsulationStatus, decapsulationStatus } from '../../../realserver/decapsulation.ts';
import { requireRoot } from './words.ts';

/** As systemctl and the LSB have it for a service that does not run. */
const notRunning = 3;

export function register(decapsulate: Command): void {
  decapsulate
    .command('status')
    .description('what is decapsulated, and what became of the packets')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExit status: 0, or ${notRunning} where nothing is decapsulated.`)
    .action(({ json }: { readonly json?: true }) => {
      requireRoot();
      const status = decapsulationStatus();
      if (!status) {
        process.stderr.write('nothing is decapsulated in this network namespace\n');
        process.exitCode = notRunning;
        return;
      }
      process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : renderDecapsulation(status));
    });
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
