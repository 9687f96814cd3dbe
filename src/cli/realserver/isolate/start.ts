/** `fairlead realserver isolate start` */

import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { familyOf, type Ipv4 } from '../../../ipvs/address.ts';
import { packageRoot } from '../../../lab/package-root.ts';
import { startIsolation } from '../../../realserver/isolate/isolation.ts';
import { askMachine } from '../../../realserver/join/realserver.ts';
import { sendersOf } from '../../../realserver/join/senders.ts';
import { installation, ownAddress, requireRoot, virtualAddress } from '../words.ts';

const help = `
Once more with other words, it is these that hold from then on. Interfaces that come later are not served until it is
said again.

Example:
  fairlead realserver isolate start --rip 192.0.2.11 192.0.2.100 192.0.2.101`;

export function register(isolate: Command): void {
  isolate
    .command('start')
    .description('begin, or change what is isolated')
    .argument('<vips...>', 'virtual IPv4 addresses', ipv4)
    .option(
      '--rip <address>',
      'what ARP shows instead; may be repeated; else what each interface has',
      ownAddress,
    )
    .addHelpText('after', help)
    .action(async (vips: readonly Ipv4[], { rip = [] }: { readonly rip?: readonly Ipv4[] }) => {
      requireRoot();
      const own = sendersOf(await askMachine(installation()), vips, rip);
      startIsolation(join(packageRoot, 'bpf/realserver.bpf.o'), vips, own);
    });
}

function ipv4(text: string, before: readonly Ipv4[] = []): readonly Ipv4[] {
  const all = virtualAddress(text, before);
  if (all.some((vip) => familyOf(vip) === 6)) throw new InvalidArgumentError('ARP is for IPv4 alone.');
  return all as readonly Ipv4[];
}
