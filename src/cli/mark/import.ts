/** `fairlead mark import`: the rules of netfilter that set marks before packets are routed, taken over. */

import type { Command } from 'commander';
import { connectDirector } from '../../api/connect.ts';
import { rulesText } from './list.ts';
import { type Imported, importHooks } from './netfilter.ts';
import { readNetfilter } from './netfilter-source.ts';

const help = `
Reads what \`iptables-save -t mangle\`, \`ip6tables-save -t mangle\` and \`nft -j list ruleset\` print in this
namespace: rules of PREROUTING and of nft's prerouting hooks, and the chains they lead to. Their order is kept.

What becomes a rule is printed; what does not is named on standard error, each with the reason. The rules take
the place of all there are, unless --append is given. Netfilter itself is not changed.

Exit status: 0 all taken over; 3 some rules were left out; 1 nothing was changed.

Examples:
  fairlead mark import --dry-run
  fairlead mark import`;

/** Some rules were left out. */
const inPart = 3;

export function register(mark: Command): void {
  mark
    .command('import')
    .description("take over netfilter's rules that set marks (iptables, ip6tables, nft)")
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--append', 'keep the rules there are, and put these behind them')
    .addHelpText('after', help)
    .action(async ({ dryRun, append }: { readonly dryRun?: true; readonly append?: true }) => {
      const imported = importHooks(await readNetfilter());
      const { rules, left } = imported;
      if (!dryRun) {
        const client = await connectDirector();
        if (append) await client.call('addMarkRules', { body: { rules } });
        else await client.call('replaceMarkRules', { body: rules });
      }
      process.stdout.write(rulesText(rules));
      process.stderr.write(reportText(imported, dryRun === true));
      if (left.length > 0) process.exitCode = inPart;
    });
}

function reportText({ rules, left }: Imported, dryRun: boolean): string {
  const verb = dryRun ? 'to be taken over' : 'taken over';
  const lines = left.map(({ text, reason }) => `left out: ${text}\n  ${reason}\n`);
  return `${lines.join('')}${rules.length} rules ${verb}, ${left.length} of netfilter's left out\n`;
}
