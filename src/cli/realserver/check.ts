/** `fairlead realserver check` */

import type { Command } from 'commander';
import type { Address } from '../../ipvs/address.ts';
import { check } from '../../realserver/check/check.ts';
import type { Row } from '../../realserver/check/inspect.ts';
import { installation, requireRoot, virtualAddress } from './words.ts';

const help = `
Looks whether the machine holds the addresses as it should and keeps quiet about them, however that was set up, and
whether everything that join has done still holds.

Exit status: 0 all is well, 1 something is wrong, 2 it cannot tell.

Examples:
  fairlead realserver check
  fairlead realserver check --json 192.0.2.100`;

const cannotTell = 2;

export function register(realserver: Command): void {
  realserver
    .command('check')
    .description('is this machine a real server as it should be, and what mends it')
    .argument('[vips...]', 'virtual addresses; else those that it has joined for', virtualAddress)
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (vips: readonly Address[], { json }: { readonly json?: true }) => {
      requireRoot();
      const rows = await check(installation(), vips);
      process.exitCode = exitCodeOf(rows);
      if (rows.length === 0)
        process.stderr.write('this machine has not joined: name the virtual addresses\n');
      else process.stdout.write(json ? `${JSON.stringify(rows, undefined, 2)}\n` : renderRows(rows));
    });
}

function exitCodeOf(rows: readonly Row[]): 0 | 1 | 2 {
  if (rows.some(({ state }) => state === 'wrong')) return 1;
  return rows.length === 0 || rows.some(({ state }) => state === 'unknown') ? cannotTell : 0;
}

const labels = { good: 'ok', wrong: 'WRONG', unknown: 'unknown' } as const;

function renderRows(rows: readonly Row[]): string {
  return rows
    .flatMap(({ state, evidence, breaks, cure = [] }) => [
      `${labels[state].padEnd(7)}  ${evidence}`,
      ...(breaks === undefined ? [] : [`         breaks: ${breaks}`]),
      ...cure.map((command, at) => `         ${at === 0 ? 'cure:  ' : '       '} ${command}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}
