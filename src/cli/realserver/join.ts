/** `fairlead realserver join` */

import type { Command } from 'commander';
import type { Address } from '../../ipvs/address.ts';
import { wayTable } from '../../realserver/join/isolate/isolate.ts';
import type { Plan } from '../../realserver/join/plan.ts';
import { join, missing, planHere } from '../../realserver/join/realserver.ts';
import { reportText } from './report-text.ts';
import { addPolicyOptions, installation, type PolicyOptions, virtualAddress, wantedBy } from './words.ts';

const help = `
First nobody asks or answers ARP in the addresses' name any more, then they come: on lo or a dummy interface, as /32
and /128. All of it is done, or nothing. Said again with other words, these hold instead.

Without --runtime it is kept across reboots (docs/realservers.md says in which files).

--arp:  sysctl     arp_ignore=1, arp_announce=2; the first choice, because no other program flushes it
        nftables   a table of the arp family
        arptables  rules, saved as arptables-save does
        tc         a program of Fairlead's own

Examples:
  fairlead realserver join 192.0.2.100 2001:db8:1::100
  fairlead realserver join --dry-run 192.0.2.100
  fairlead realserver join --arp arptables --device dummy0 192.0.2.100
  fairlead realserver join --decapsulate 192.0.2.100`;

export function register(realserver: Command): void {
  addPolicyOptions(
    realserver
      .command('join')
      .description('become a real server of these virtual addresses')
      .argument('<vips...>', "the director's virtual addresses", virtualAddress),
  )
    .option('-n, --dry-run', 'print the commands that a person would type, and do nothing')
    .addHelpText('after', help)
    .action(async (vips: readonly Address[], options: PolicyOptions & { readonly dryRun?: true }) => {
      const here = installation();
      const plan = await planHere(here, wantedBy(vips, options));
      if (options.dryRun) {
        const todo = await missing(here, plan);
        const steps = plan.steps.filter(({ key }) => todo.has(key));
        process.stdout.write(steps.map(({ does }) => `${does}\n`).join(''));
        return;
      }
      process.stdout.write(`${headline(plan)}\n${reportText(await join(here, plan))}`);
    });
}

/** What was chosen, where there was a choice. */
function headline({ wanted: { vips, lasting }, way, decapsulator }: Plan): string {
  const parts = [
    `real server of ${vips.join(' ')}`,
    ...(way === undefined ? [] : [`ARP isolation by ${wayTable[way].by}`]),
    ...(decapsulator === undefined
      ? []
      : [`tunnels end in ${decapsulator === 'kernel' ? "the kernel's device" : "Fairlead's program"}`]),
    lasting ? 'kept across reboots' : 'until the next boot',
  ];
  return parts.join(', ');
}
