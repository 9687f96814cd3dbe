/** `fairlead realserver export` */

import { lookup } from 'node:dns/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { type Ipv4, parseIpv4 } from '../../ipvs/address.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { scriptText } from '../../realserver/join/script.ts';
import { exportRefusal, planForAddress } from '../../realserver/push/export.ts';
import { addSharedOptions, type SharedOptions, sharedPolicy } from './policy.ts';
import { installation } from './words.ts';

const help = `
What is printed is a script for a POSIX shell that does the same on the other server, with its address in the place of
this one's; Fairlead need not be there. It can be read, kept, and said again; "sh SCRIPT leave" takes all of it back.

Examples:
  fairlead realserver export --for server3 > server3.sh
  fairlead realserver export --for 192.0.2.12 --vip 192.0.2.100 --arp arptables | ssh root@192.0.2.12 sh`;

export function register(realserver: Command): void {
  addSharedOptions(
    realserver
      .command('export')
      .description('print the same for another server, as a shell script')
      .requiredOption('--for <server>', 'its address, or a name that has one', server),
  )
    .addHelpText('after', help)
    .action(async (options: SharedOptions & { readonly for: string }, command: Command) => {
      const wanted = await sharedPolicy(command, options);
      const rip = await addressOf(options.for);
      const refusal = exportRefusal(wanted, rip);
      if (refusal !== undefined) command.error(`error: ${refusal}`);
      process.stdout.write(scriptText(planForAddress(wanted, rip), installation().scripts.engine));
    });
}

function server(text: string): string {
  if (!/^[\w.-]+$/.test(text)) throw new InvalidArgumentError('It is neither an IPv4 address nor a name.');
  return text;
}

async function addressOf(name: string): Promise<Ipv4> {
  const literal = parseIpv4(name);
  if (literal !== undefined) return literal;
  try {
    return (await lookup(name, 4)).address as Ipv4;
  } catch {
    throw new FairleadError('REALSERVER_REFUSED', `${name} has no IPv4 address that is known here`);
  }
}
