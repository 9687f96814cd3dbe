/** `fairlead announce`: neighbours hear whose an address is. */

import { type Command, InvalidArgumentError } from 'commander';
import { announce, announcementsOf } from '../doctor/announce.ts';
import { type Address, parseAddress } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { localInterfaces } from '../linux/iproute.ts';

const help = `
Neighbours that know another MAC for an address, from before it came here, learn this host's: by gratuitous ARP, or by
neighbour advertisement in IPv6, three times. Each address must be one of this host's.

Examples:
  fairlead announce 192.0.2.100
  fairlead announce 192.0.2.100 2001:db8:1::100`;

export function register(program: Command): void {
  program
    .command('announce')
    .description("tell the segment that an address is this host's (gratuitous ARP)")
    .argument('<address...>', 'addresses of this host', oneMore)
    .addHelpText('after', help)
    .action(async (addresses: readonly Address[]) => {
      if (process.geteuid?.() !== 0) throw new FairleadError('NOT_ROOT');
      const interfaces = await localInterfaces();
      await announce(
        interfaces,
        addresses.flatMap((address) => announcementsOf(interfaces, address)),
      );
    });
}

function oneMore(text: string, before: readonly Address[] = []): readonly Address[] {
  const address = parseAddress(text);
  if (!address) throw new InvalidArgumentError('It is not an IP address.');
  return [...before, address];
}
