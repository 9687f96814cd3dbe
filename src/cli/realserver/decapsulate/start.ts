/** `fairlead realserver decapsulate start` */

import { join } from 'node:path';
import type { Command } from 'commander';
import type { Address, Port } from '../../../ipvs/address.ts';
import { packageRoot } from '../../../lab/package-root.ts';
import { startDecapsulation } from '../../../realserver/decapsulate/decapsulation.ts';
import { defaultGuePort, guePort, oneMore, requireRoot, virtualAddress } from '../words.ts';

const help = `
Once more with other words, it is these that hold from then on: nothing is added to what was said before. Counters go
on. Interfaces that come later are not served until it is said again.

Examples:
  fairlead realserver decapsulate start 192.0.2.100 2001:db8:1::100
  fairlead realserver decapsulate start -i eth1 -i eth2 192.0.2.100`;

type Options = { readonly interface?: readonly string[]; readonly guePort: Port };

export function register(decapsulate: Command): void {
  decapsulate
    .command('start')
    .description('begin, or change what is decapsulated')
    .argument('<vips...>', "virtual addresses, which are this host's own", virtualAddress)
    .option('-i, --interface <name>', 'where tunnels arrive; may be repeated; else every one', oneMore)
    .option('--gue-port <number>', 'the UDP port that GUE comes to', guePort, defaultGuePort)
    .addHelpText('after', help)
    .action((vips: readonly Address[], { interface: interfaces = [], guePort }: Options) => {
      requireRoot();
      startDecapsulation(join(packageRoot, 'bpf/realserver.bpf.o'), { vips, guePort, interfaces });
    });
}
