/** `fairlead mark add <mark>` */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { connectDirector } from '../../api/connect.ts';
import { protocols } from '../../ipvs/service.ts';
import { type RuleOptions, rulesOf } from './rule-words.ts';

const help = `
The mark is 0 to 4294967295, in decimal or as 0x10. With a mask only those bits change: 0x10/0xf0
makes it (mark & ~0xf0) ^ 0x10, as \`iptables -j MARK --set-xmark\`. Later rules go on from there.

Examples:
  fairlead mark add 7 --destination 192.0.2.0/24 --protocol tcp --ports 80,443
  fairlead mark add 7 --destination 2001:db8::/64 --protocol tcp --ports 80,443
  fairlead mark add 8 --in eth0 --source 198.51.100.0/24 --final
  ipvsadm -A -f 7 -s rr`;

type Options = RuleOptions & { readonly at?: number };

export function register(mark: Command): void {
  addRuleOptions(
    mark.command('add').description('a rule that gives packets a mark').argument('<mark>', 'see below'),
  )
    .option('--at <number>', 'its number in the list; else it becomes the last', positive)
    .addHelpText('after', help)
    .action(async (text: string, { at, ...options }: Options, command: Command) => {
      const rules = rulesOf(text, options);
      if ('problem' in rules) return command.error(`error: ${rules.problem}`);
      const client = await connectDirector();
      await client.call('addMarkRules', { body: { rules, ...(at !== undefined && { position: at }) } });
    });
}

/** The options that say which packets a rule fits. */
export function addRuleOptions(command: Command): Command {
  return command
    .option('-d, --destination <prefix>', 'packets to this address or prefix')
    .option('-s, --source <prefix>', 'packets from there')
    .addOption(new Option('-p, --protocol <name>', 'of this protocol').choices(protocols))
    .option('--ports <list>', 'to these ports: 80,443,8000:8080')
    .option('--source-ports <list>', 'from these ports')
    .option('-i, --in <interface>', 'that come in by this interface')
    .option('-4, --ipv4', 'of IPv4 only')
    .option('-6, --ipv6', 'of IPv6 only')
    .option('--final', 'try no later rule on packets that fit');
}

/** A number of a rule in the list. */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It is a number from 1.');
  return Number(text);
}
