/** `fairlead token`: who may come in by the API's TCP listeners. */

import { type Command, InvalidArgumentError } from 'commander';

const usualTokenFile = '/etc/fairlead/tokens';

const help = `
A token lets a program use the API over TCP, where a configuration opens it ("api:"): read-only to look, operator to change
things. It is shown once, when it is made; the file has nothing but its hash. What is created or revoked counts at once, with
no reload. More: docs/api.md

Examples:
  fairlead token create grafana --role read-only
  fairlead token create deploy --role operator --expires 90d
  fairlead token revoke deploy`;

export type FileOption = { readonly file: string };
export type CreateOptions = FileOption & { readonly role: string; readonly expires?: number };

export function register(program: Command): void {
  const token = program
    .command('token')
    .description('create, list or revoke tokens of the API over TCP')
    .addHelpText('after', help);
  withFile(token.command('create').description('make one and show it, this once'))
    .argument('<name>', 'what the log calls its holder')
    .requiredOption('--role <role>', 'read-only, or operator')
    .option(
      '--expires <time>',
      'after 90d, 12h or 30m, or at 2027-01-31 or 2027-01-31T12:00:00Z (never)',
      expiry,
    )
    .action(async (name: string, options: CreateOptions) => {
      const { create } = await import('./token/tokens.ts');
      create(name, options);
    });
  withFile(token.command('list').description('names, roles and how long they hold'))
    .option('--json', 'as JSON')
    .action(async (options: FileOption & { readonly json?: true }) => {
      const { list } = await import('./token/tokens.ts');
      list(options);
    });
  withFile(token.command('revoke').description('let its holder in no more'))
    .argument('<name...>', 'what they were called when they were made')
    .action(async (names: readonly string[], options: FileOption) => {
      const { revoke } = await import('./token/tokens.ts');
      revoke(names, options);
    });
}

function withFile(command: Command): Command {
  return command.option(
    '--file <path>',
    "where they are kept, if the configuration's `api: tokens` says so",
    usualTokenFile,
  );
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds since 1970. */
function expiry(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return Date.now() + Number(amount) * (units[unit] ?? 0);
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It is a time like 90d, 12h, 30m, 2027-01-31 or 2027-01-31T12:00:00Z.');
  if (time <= Date.now()) throw new InvalidArgumentError('That time has passed.');
  return time;
}
