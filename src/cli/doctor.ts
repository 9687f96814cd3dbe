/** `fairlead doctor`: what is wrong, where, and what mends it. */

import type { Command } from 'commander';
import { findDirector } from '../api/connect.ts';
import { examineDirector } from '../doctor/examine-director.ts';
import { exitCodeOf, type Report, renderReport } from '../doctor/report.ts';
import { directorState } from './doctor/state.ts';

const help = `
On a director it asks every real server as the data plane does, by packets to the virtual address that go straight to
its MAC, and asks the segment who answers for the virtual address. It needs no agent on the real servers.
What each finding means: docs/doctor.md

Examples:
  fairlead doctor
  fairlead doctor --json | jq -r '.findings[] | .code + " " + .host.address'

Exit status: 0 healthy, 1 something was found, 2 it cannot tell.`;

const cannotTell = 2;

export function register(program: Command): void {
  program
    .command('doctor')
    .description('what is wrong with virtual services, real servers and ARP, and what mends it')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async ({ json }: { readonly json?: true }) => {
      const report = await examine();
      if (!report) {
        process.stderr.write('no director runs in this network namespace\n');
        process.exitCode = cannotTell;
        return;
      }
      process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report));
      process.exitCode = exitCodeOf(report);
    });
}

async function examine(): Promise<Report | undefined> {
  const client = await findDirector();
  return client && (await examineDirector(await directorState(client)));
}
