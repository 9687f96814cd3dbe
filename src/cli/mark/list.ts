/** `fairlead mark list` */

import type { Command } from 'commander';
import { connectDirector } from '../../api/connect.ts';
import type { MarkRule } from '../../ipvs/mark-rule.ts';
import { ruleWords } from '../../ipvs/mark-rule-words.ts';

export function register(mark: Command): void {
  mark
    .command('list')
    .description('the rules, each with its number and in the words of `fairlead mark add`')
    .option('--json', 'as a JSON array')
    .action(async ({ json }: { readonly json?: true }) => {
      const client = await connectDirector();
      const rules = await client.call('listMarkRules', {});
      process.stdout.write(json ? `${JSON.stringify(rules, undefined, 2)}\n` : rulesText(rules));
    });
}

/** One line each. */
export function rulesText(rules: readonly MarkRule[]): string {
  const width = String(rules.length).length;
  return rules
    .map((rule, index) => `${String(index + 1).padStart(width)}  ${ruleWords(rule).join(' ')}\n`)
    .join('');
}
