/** `fairlead lab pitfalls` */

import type { Command } from 'commander';
import { pitfallsPage } from '../../lab/pitfalls/page.ts';
import { pitfalls } from '../../lab/pitfalls/table.ts';

export function register(lab: Command): void {
  lab
    .command('pitfalls')
    .description('what can go wrong with a director and its real servers, and what of it can be played')
    .option('--json', 'as a JSON array')
    .option('--markdown', 'as docs/pitfalls.md has it')
    .option('--names', 'only what can be played, a name on each line')
    .addHelpText('after', '\nExample:\n  fairlead lab play pitfall vip-missing')
    .action((form: Form) => {
      process.stdout.write(rendered(listed(), form));
    });
}

type Form = { readonly json?: true; readonly markdown?: true; readonly names?: true };

type Row = {
  readonly number: number;
  readonly what: string;
  /** Names for `fairlead lab play pitfall`. */
  readonly scenarios: readonly string[];
  readonly unseen?: string;
};

function listed(): readonly Row[] {
  return pitfalls.map(({ number, what, trials, ...rest }) => {
    const scenarios = trials.map(({ name }) => name);
    return { number, what, scenarios, ...('unseen' in rest && { unseen: rest.unseen }) };
  });
}

function rendered(rows: readonly Row[], { json, markdown, names }: Form): string {
  if (json) return `${JSON.stringify(rows)}\n`;
  if (markdown) return pitfallsPage();
  if (names) return rows.flatMap(({ scenarios }) => scenarios.map((name) => `${name}\n`)).join('');
  return rows.map(line).join('');
}

function line({ number, what, scenarios, unseen }: Row): string {
  const played = unseen === undefined ? scenarios.join(', ') : `not here: ${unseen}`;
  return `${String(number).padStart(2)}  ${what}\n      ${played}\n`;
}
