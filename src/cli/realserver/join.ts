/** `fairlead realserver join` */

import type { Command } from 'commander';
import type { Address } from '../../ipvs/address.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { addressKey } from '../../realserver/join/place.ts';
import type { Plan } from '../../realserver/join/plan.ts';
import { type Installation, join, missing, planHere } from '../../realserver/join/realserver.ts';
import { wayTable } from '../../realserver/join/ways/ways.ts';
import { refuseForeignHolders } from './join/holders.ts';
import { reportText } from './report-text.ts';
import {
  addPolicyOptions,
  installation,
  oneAddress,
  type PolicyOptions,
  requireRoot,
  virtualAddress,
  wantedBy,
} from './words.ts';

const help = `
The segment is asked who answers for the addresses: two hosts, or another one than the director, are a reason to
refuse. Then nobody asks or answers ARP in their name here any more, and only then they come, on lo or a dummy
interface, as /32 and /128. All of it is done, or nothing. Said again with other words, these hold instead.

Without --runtime it is kept across reboots (docs/realservers.md says in which files).

--arp:  sysctl     arp_ignore=1, arp_announce=2; the first choice, because no other program flushes it
        nftables   a table of the arp family
        arptables  rules, saved as arptables-save does
        tc         a program of Fairlead's own

Examples:
  fairlead realserver join 192.0.2.100 2001:db8:1::100
  fairlead realserver join --dry-run 192.0.2.100
  fairlead realserver join --arp arptables --device dummy0 192.0.2.100
  fairlead realserver join --decapsulate auto 192.0.2.100`;

type Options = PolicyOptions & {
  readonly director?: Address;
  readonly probe: boolean;
  readonly dryRun?: true;
};

export function register(realserver: Command): void {
  addPolicyOptions(
    realserver
      .command('join')
      .description('become a real server of these virtual addresses')
      .argument('<vips...>', "the director's virtual addresses", virtualAddress),
  )
    .option(
      '--director <address>',
      'its own address: nobody else may answer for the virtual ones',
      oneAddress,
    )
    .option('--no-probe', 'do not ask the segment who answers for the addresses')
    .option('-n, --dry-run', 'print the commands that a person would type, and do nothing')
    .addHelpText('after', help)
    .action(async (vips: readonly Address[], options: Options) => {
      requireRoot();
      refuseDirectorAsVip(vips, options.director);
      const here = installation();
      const plan = await planHere(here, wantedBy(vips, options));
      if (options.dryRun) {
        const todo = await missing(here, plan);
        const steps = plan.steps.filter(({ key }) => todo.has(key));
        process.stdout.write(steps.map(({ does }) => `${does}\n`).join(''));
        return;
      }
      if (options.probe) await probe(here, plan, options.director);
      process.stdout.write(`${headline(plan)}\n${reportText(await join(here, plan))}`);
    });
}

/** With its address on this machine, the director could not be spoken to any more. */
function refuseDirectorAsVip(vips: readonly Address[], director: Address | undefined): void {
  if (director !== undefined && vips.includes(director))
    throw new FairleadError('REALSERVER_REFUSED', `${director} is the director's own address`);
}

/** Asks for the addresses that are not here yet. */
async function probe(here: Installation, plan: Plan, director: Address | undefined): Promise<void> {
  const { device, vips } = plan.wanted;
  const todo = await missing(here, plan);
  const fresh = vips.filter((vip) => todo.has(addressKey(device, vip)));
  if (fresh.length > 0) await refuseForeignHolders(fresh, director);
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
