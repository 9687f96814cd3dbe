/** `fairlead realserver status` */

import type { Command } from 'commander';
import { joinWords } from '../../realserver/join/join-words.ts';
import { type Membership, membership } from '../../realserver/join/realserver.ts';
import { wayTable } from '../../realserver/join/ways/ways.ts';
import { installation, notRunning, requireRoot } from './words.ts';

export function register(realserver: Command): void {
  realserver
    .command('status')
    .description('what join has done here, whether it still holds, and what would take it back')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExit status: 0, or ${notRunning} where join has done nothing.`)
    .action(async ({ json }: { readonly json?: true }) => {
      requireRoot();
      const found = await membership(installation());
      if (!found) {
        process.stderr.write('this machine has not joined as a real server\n');
        process.exitCode = notRunning;
        return;
      }
      process.stdout.write(
        json ? `${JSON.stringify(jsonOf(found), undefined, 2)}\n` : renderMembership(found),
      );
    });
}

function jsonOf({ wanted, lines }: Membership): unknown {
  const steps = lines.map(({ outcome, what, detail }) => ({ what, holds: outcome === 'held', undo: detail }));
  return { ...wanted, steps };
}

function renderMembership({ wanted, lines }: Membership): string {
  const { vips, way, device, lasting } = wanted;
  const width = Math.max(0, ...lines.map(({ what }) => what.length));
  return [
    `Virtual addresses  ${vips.join(' ')} on ${device}`,
    ...(way === 'auto' ? [] : [`ARP isolation      by ${wayTable[way].by}`]),
    `Kept               ${lasting ? 'across reboots' : 'until the next boot'}`,
    `Again              fairlead realserver join ${joinWords(wanted)}`,
    'Done by join',
    ...lines.map(
      ({ outcome, what }) => `  ${what.padEnd(width)}  ${outcome === 'held' ? 'holds' : 'NO LONGER SO'}`,
    ),
    '',
  ].join('\n');
}
