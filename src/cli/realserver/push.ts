/** `fairlead realserver push` */

import { type Command, InvalidArgumentError } from 'commander';
import { type Ipv4, parseIpv4 } from '../../ipvs/address.ts';
import {
  carryOut,
  type Host,
  type HostReport,
  isPrepared,
  leaveAll,
  prepare,
} from '../../realserver/push/push.ts';
import { type SshOptions, sshShell } from '../../realserver/push/ssh.ts';
import { interruptible } from '../interruptible.ts';
import { addSharedOptions, type SharedOptions, sharedPolicy } from './policy.ts';
import { pushText } from './push-text.ts';
import { installation } from './words.ts';

const help = `
HOST is what ssh takes: server2, root@192.0.2.11, a Host of ~/.ssh/config; behind = its address that ARP is to show,
where it is not the only one. The system's ssh is used, with its keys, and asks nothing: hosts must be known to it.

First every host is asked whether it can be a real server; then each becomes one; if one cannot, all the others are
taken back to what they were. Fairlead need not be there, a POSIX shell with ip and sysctl is.

Exit status: 0 all of them, 1 none (or, with a host that no longer answers, what the report says).

Examples:
  fairlead realserver push server2 server3
  fairlead realserver push --vip 192.0.2.100 --arp arptables root@192.0.2.11 root@192.0.2.12
  fairlead realserver push --leave server2 server3`;

type Options = SharedOptions & {
  readonly leave?: true;
  readonly dryRun?: true;
  readonly sudo?: true;
  readonly json?: true;
  readonly sshConfig?: string;
};

export function register(realserver: Command): void {
  addSharedOptions(
    realserver
      .command('push')
      .description('make other machines the same, all or none, by ssh')
      .argument('<hosts...>', 'where to, see below', oneMoreHost),
  )
    .option('--leave', 'take back what was done there instead')
    .option('-n, --dry-run', 'ask the hosts, print what would be done there, and do nothing')
    .option('--json', 'print the report as JSON')
    .option('--sudo', 'become root there by sudo, which must not ask for a password')
    .option('--ssh-config <file>', "instead of ssh's own")
    .addHelpText('after', help)
    .action(async (named: readonly Named[], options: Options, command: Command) => {
      const hosts = named.map((each) => hostOf(each, options));
      const { scripts } = installation();
      if (options.leave) return conclude(await leaveAll(hosts, scripts), 'left', options);
      const wanted = await sharedPolicy(command, options);
      const prepared = await prepare(hosts, wanted, scripts);
      if (!isPrepared(prepared)) return conclude(prepared, 'joined', options);
      if (options.dryRun) {
        for (const { host, plan } of prepared)
          process.stdout.write(`# ${host.name}\n${plan.steps.map(({ does }) => `${does}\n`).join('')}`);
        return;
      }
      const reports = await interruptible(
        async (signal) => await carryOut(prepared, scripts, () => signal.aborted),
      );
      conclude(reports, 'joined', options);
    });
}

type Named = { readonly name: string; readonly rip?: Ipv4 };

function oneMoreHost(text: string, before: readonly Named[] = []): readonly Named[] {
  const [name = '', address, ...more] = text.split('=');
  if (!/^[\w[][\w.@:%[\]-]*$/.test(name) || more.length > 0)
    throw new InvalidArgumentError('It is no host, and no host=address.');
  if (before.some((other) => other.name === name)) throw new InvalidArgumentError('It is named twice.');
  if (address === undefined) return [...before, { name }];
  const rip = parseIpv4(address);
  if (rip === undefined) throw new InvalidArgumentError(`${address} is not an IPv4 address.`);
  return [...before, { name, rip }];
}

function hostOf({ name, rip }: Named, { sudo, sshConfig }: Options): Host {
  const ssh: SshOptions = { sudo: sudo === true, ...(sshConfig !== undefined && { config: sshConfig }) };
  return { name, shell: sshShell(name, ssh), ...(rip !== undefined && { rip }) };
}

function conclude(reports: readonly HostReport[], good: HostReport['outcome'], { json }: Options): void {
  process.stdout.write(json ? `${JSON.stringify(reports, undefined, 2)}\n` : pushText(reports));
  if (!reports.every(({ outcome }) => outcome === good)) process.exitCode = 1;
}
