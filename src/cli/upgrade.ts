/** `fairlead upgrade`: this version's daemon and programs in the place of those that run. */

import type { Command } from 'commander';

const help = `
Run by the new version, once it is installed. The new daemon finds out whether the kernel takes its programs, asks the old
one to end, and takes over: services, connections, counters, interfaces. Programs that are other ones are replaced in one
step on each interface, so that every packet meets the old one or the new one. A daemon that systemd runs is restarted by
systemd.

Where the new version lays its data out differently, it carries everything over, field by field, while packets are forwarded.
Should it not be able to, it says why, and does nothing; with --force it takes services, real servers, weights, addresses,
settings and mark rules, and forgets connections and counters.
More: docs/operations.md

Exit status: 0 done, 1 nothing was changed.`;

export function register(program: Command): void {
  program
    .command('upgrade')
    .description(
      'replace the running daemon and its programs by those of this version, without losing a packet',
    )
    .option('--force', 'even if connections and counters cannot be carried over')
    .addHelpText('after', help)
    .action(async ({ force }: { readonly force?: true }) => {
      const { upgrade } = await import('./upgrade/upgrade.ts');
      await upgrade(force ?? false);
    });
}
