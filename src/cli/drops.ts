/** `fairlead drops`: packets that were not forwarded, or not as they should have been, and why. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { findDirector } from '../api/connect.ts';
import type { NotForwardedStatus, PacketExample } from '../api/status.ts';
import { reasonOf } from '../ipvs/reasons.ts';
import { interruptible } from './interruptible.ts';
import { notRunning } from './not-running.ts';

const help = `
Packets are counted since the data plane was loaded; packets a second are an average of the last seconds. The last
packet of each reason is shown with how long ago it came. What helps: docs/not-forwarded.md

Examples:
  fairlead drops
  fairlead drops --watch
  fairlead drops --json | jq '.no_server.packets'

Exit status: 0, or 3 where no director runs.`;

const watchMilliseconds = 2_000;

export function register(program: Command): void {
  program
    .command('drops')
    .description('packets that were not forwarded, by reason, with the last example of each')
    .option('--json', 'print JSON; with --watch one object a line')
    .option('--watch', 'again every two seconds, until ^C')
    .addHelpText('after', help)
    .action(async ({ json, watch }: { readonly json?: true; readonly watch?: true }) => {
      const client = await findDirector();
      if (!client) return notRunning();
      const show = async () => {
        const status = await client.call('notForwarded', {});
        const text = json ? `${JSON.stringify(status, undefined, watch ? 0 : 2)}\n` : renderDrops(status);
        process.stdout.write(watch && !json && process.stdout.isTTY ? `${clearScreen}${text}` : text);
      };
      if (watch) await interruptible((signal) => repeatedly(show, signal));
      else await show();
    });
}

/** Cursor home, erase below: nothing flickers. */
const clearScreen = '\u001b[H\u001b[J';

async function repeatedly(show: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await show();
    await sleep(watchMilliseconds, undefined, { signal });
  }
}

/** A row for each reason that has had a packet; one line where there is none. */
export function renderDrops(status: NotForwardedStatus): string {
  const rows = Object.entries(status).filter(([, { packets }]) => packets > 0);
  if (rows.length === 0) return 'nothing: every packet for a service was forwarded\n';
  const cells = rows.map(([reason, { packets, perSecond }]) => {
    const { fate = '', cause = '' } = reasonOf(reason) ?? {};
    return [reason, String(packets), String(perSecond), fate, cause];
  });
  const titles = ['REASON', 'PACKETS', 'PER SECOND', 'FATE', 'CAUSE'];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 1 || column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const lines = cells.flatMap((row, index) => [line(row), ...exampleLines(rows[index]?.[1].example)]);
  return `${[line(titles), ...lines].join('\n')}\n`;
}

const protocolNames: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmpv6',
  132: 'sctp',
};

function exampleLines(example: PacketExample | undefined): readonly string[] {
  if (!example) return [];
  const { protocol, client, virtual, bytes, secondsAgo, interface: name } = example;
  const place = name === undefined ? '' : ` on ${name}`;
  const what = `${protocolNames[protocol] ?? `protocol ${protocol}`} ${client} > ${virtual}`;
  return [`  last: ${what}, ${bytes} bytes${place}, ${ageText(secondsAgo)} ago`];
}

/** `5 s`, `3 min`, `2 h`, `4 d`. */
function ageText(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
