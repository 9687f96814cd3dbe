/** `fairlead doctor`: what is wrong, where, and what mends it. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Place } from '../doctor/report.ts';
import { exitCodeOf, renderChanges, renderReport, type WholeReport } from '../doctor/report.ts';
import type { ExpectedService } from '../doctor/view.ts';
import { type Address, parseAddress } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { parseServiceKeyText } from '../ipvs/service.ts';
import { examineHere } from './doctor/here.ts';
import { examineThere } from './doctor/there.ts';
import { errorLine } from './failure.ts';
import { interruptible } from './interruptible.ts';

const help = `
On a director it asks every real server as the data plane does, by packets to the virtual address that go straight to
its MAC, and asks the segment who answers for the virtual address. It needs no agent on the real servers. On a real
server it looks at that host itself, and anywhere else at ARP entries and routes.
What each finding means: docs/doctor.md

Examples:
  fairlead doctor
  fairlead doctor --watch
  fairlead doctor --ssh rs1 --ssh rs2
  fairlead doctor --on realserver --vip 192.0.2.100
  fairlead doctor --json | jq -r '.findings[] | .code + " " + .host.address'

Exit status: 0 healthy, 1 something was found, 2 it cannot tell.`;

const cannotTell = 2;
const watchSeconds = 5;

type Options = {
  readonly json?: true;
  readonly watch?: number | true;
  readonly on: Place | 'auto';
  readonly vip?: readonly Address[];
  readonly service?: readonly ExpectedService[];
  readonly ssh?: readonly string[];
  readonly sshConfig?: string;
  readonly sudo?: true;
};

export function register(program: Command): void {
  program
    .command('doctor')
    .description('what is wrong with virtual services, real servers and ARP, and what mends it')
    .option('--json', 'print JSON; with --watch one report a line')
    .option('--watch [seconds]', 'again and again, and what has changed, until ^C', seconds)
    .addOption(
      new Option('--on <place>', 'what this host is')
        .choices(['director', 'realserver', 'client', 'auto'])
        .default('auto'),
    )
    .option('--vip <address>', 'a virtual address, where no director says which; may be repeated', oneMoreVip)
    .option('--service <key>', 'on a real server: what must be served, tcp:192.0.2.100:80', oneMoreService)
    .option('--ssh <host>', 'also as this real server sees itself, by ssh; may be repeated', oneMoreHost)
    .option('--ssh-config <file>', 'instead of ~/.ssh/config')
    .option('--sudo', 'who logs in there is not root, and becomes it by sudo')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const pause = options.watch === true ? watchSeconds : options.watch;
      const first = await examineOrSay(options);
      if (!first) {
        process.exitCode = cannotTell;
      } else if (pause === undefined) {
        process.stdout.write(options.json ? `${JSON.stringify(first, undefined, 2)}\n` : renderReport(first));
        process.exitCode = exitCodeOf(first);
      } else {
        await interruptible((signal) => watch(options, first, pause, signal));
      }
    });
}

/** What fails is said as everywhere, but no failure may look like a finding. */
async function examineOrSay(options: Options): Promise<WholeReport | undefined> {
  try {
    return await examine(options);
  } catch (error) {
    process.stderr.write(`fairlead: ${errorLine(error)}\n`);
    return undefined;
  }
}

/** This host stays what it is at first: a director that is restarted meanwhile makes no client of it. */
async function watch(
  options: Options,
  first: WholeReport,
  pause: number,
  signal: AbortSignal,
): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  const settled: Options = { ...options, on: first.vips.length > 0 ? first.place : options.on };
  process.stdout.write(options.json ? `${JSON.stringify(first)}\n` : renderReport(first));
  for (let before = first; ; ) {
    await sleep(1000 * pause, undefined, { signal });
    const report = await examineOrSay(settled);
    if (!report) continue;
    process.stdout.write(
      options.json ? `${JSON.stringify(report)}\n` : renderChanges(before, report, new Date()),
    );
    before = report;
  }
}

async function examine(options: Options): Promise<WholeReport> {
  if (process.geteuid?.() !== 0) throw new FairleadError('NOT_ROOT');
  const { on, vip = [], service = [], ssh = [], sshConfig, sudo = false } = options;
  const here = await examineHere({ on, vips: vip, services: service });
  if (ssh.length === 0) return here.report;
  const how = { sudo, ...(sshConfig !== undefined && { config: sshConfig }) };
  const others = await Promise.all(ssh.map((host) => examineThere(host, here.expected, how)));
  return { ...here.report, others };
}

function seconds(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new InvalidArgumentError('It is a number of seconds, at least 1.');
  return number;
}

function oneMoreVip(text: string, before: readonly Address[] = []): readonly Address[] {
  const address = parseAddress(text);
  if (!address) throw new InvalidArgumentError('It is not an IP address.');
  return [...before, address];
}

function oneMoreService(text: string, before: readonly ExpectedService[] = []): readonly ExpectedService[] {
  const key = parseServiceKeyText(text);
  if (key?.kind !== 'address' || key.protocol === 'sctp')
    throw new InvalidArgumentError('It is protocol, address and port: tcp:192.0.2.100:80.');
  return [...before, { protocol: key.protocol, vip: key.address, port: key.port }];
}

/** What ssh would take for an option is none of its hosts. */
function oneMoreHost(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[A-Za-z0-9_[][\w.@:%[\]-]*$/.test(text)) throw new InvalidArgumentError('It is not a host for ssh.');
  return [...before, text];
}
