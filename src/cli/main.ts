/** The `fairlead` command: one file per command, one row here for each. */

import { Command, CommanderError } from 'commander';
import { version } from '../ipvs/version.ts';
import { register as announce } from './announce.ts';
import { register as apply } from './apply.ts';
import { register as bench } from './bench.ts';
import { register as check } from './check.ts';
import { register as conns } from './conns.ts';
import { register as doctor } from './doctor.ts';
import { register as drops } from './drops.ts';
import { register as exportRunning } from './export.ts';
import { errorLine, exitCodeOf } from './failure.ts';
import { register as health } from './health.ts';
import { register as importFile } from './import.ts';
import { register as networkInterface } from './interface.ts';
import { isReaderGone } from './interruptible.ts';
import { register as lab } from './lab.ts';
import { register as load } from './load.ts';
import { register as mark } from './mark.ts';
import { register as metrics } from './metrics.ts';
import { mindOutput } from './output.ts';
import { register as plan } from './plan.ts';
import { register as realserver } from './realserver.ts';
import { register as reload } from './reload.ts';
import { register as server } from './server.ts';
import { register as status } from './status.ts';
import { register as sysctl } from './sysctl.ts';
import { register as token } from './token.ts';
import { register as top } from './top.ts';
import { register as unload } from './unload.ts';
import { register as upgrade } from './upgrade.ts';

/** Each adds its command to the program. A command that ends other than well sets `process.exitCode`. */
const commands: readonly ((program: Command) => void)[] = [
  ...[
    status,
    top,
    doctor,
    announce,
    drops,
    conns,
    metrics,
    health,
    check,
    plan,
    apply,
    exportRunning,
    importFile,
    reload,
    server,
    sysctl,
    mark,
    networkInterface,
    token,
  ],
  ...[realserver, load, unload, upgrade, lab, bench],
];

/** The commands with their words and options. */
export function createProgram(): Command {
  const program = new Command('fairlead')
    .description('LVS load balancing on eBPF: what ipvsadm does not have a word for')
    .version(version, '-v, --version', 'show the version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'fairlead:')) });
  for (const register of commands) register(program);
  return program;
}

/** Runs one command line, without the program's name; answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  mindOutput();
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has said it already, and its own code for a wrong call is 1.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isReaderGone(error)) process.stderr.write(`fairlead: ${errorLine(error)}\n`);
    return exitCodeOf(error);
  }
}
