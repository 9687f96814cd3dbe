/** `fairlead realserver isolate status` */

import type { Command } from 'commander';
import { isolateWords } from '../../../realserver/isolate/command.ts';
import { counterNames, counters } from '../../../realserver/isolate/counters.ts';
import { type IsolationStatus, isolationStatus } from '../../../realserver/isolate/isolation.ts';
import { notRunning, requireRoot } from '../words.ts';

export function register(isolate: Command): void {
  isolate
    .command('status')
    .description('what is isolated, and what became of ARP packets')
    .option('--json', 'print JSON')
    .option('--command', 'print the words behind `isolate` that bring it about: start …, or stop')
    .addHelpText('after', `\nExit status: 0, or ${notRunning} where nothing is isolated.`)
    .action(({ json, command }: { readonly json?: true; readonly command?: true }) => {
      requireRoot();
      const status = isolationStatus();
      if (command) process.stdout.write(`${status ? wordsOf(status) : 'stop'}\n`);
      else if (!status) {
        process.stderr.write('nothing is isolated in this network namespace\n');
        process.exitCode = notRunning;
      } else
        process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : renderIsolation(status));
    });
}

/** A state that the words would not leave behind is told from the one they would by a comment of shell. */
function wordsOf({ vips, senders, lacking }: IsolationStatus): string {
  const words = isolateWords(
    vips,
    senders.map(({ address }) => address),
  );
  return lacking.length === 0 ? words : `${words} # not on ${lacking.join(' ')}`;
}

/** The status as a person reads it. */
function renderIsolation({ interfaces, lacking, vips, senders, counts }: IsolationStatus): string {
  const rows = counterNames.map((name) => {
    return `  ${name.padEnd(13)} ${String(counts[name]).padStart(10)}  ${counters[name].meaning}`;
  });
  return [
    `Interfaces         ${interfaces.join(' ')}`,
    ...(lacking.length === 0 ? [] : [`Not on             ${lacking.join(' ')}`]),
    `Virtual addresses  ${vips.join(' ')}`,
    `ARP shows          ${senders.map(({ device, address }) => `${address} (${device})`).join(' ')}`,
    'ARP packets with virtual addresses',
    ...rows,
    '',
  ].join('\n');
}
