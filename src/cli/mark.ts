/** `fairlead mark`: which packets have which firewall mark. */

import type { Command } from 'commander';
import { register as add } from './mark/add.ts';
import { register as clear } from './mark/clear.ts';
import { register as remove } from './mark/delete.ts';
import { register as importRules } from './mark/import.ts';
import { register as list } from './mark/list.ts';

const help = `
The data plane sees packets before netfilter does, so marks that iptables or nft set come too late for it.
These rules take their place; services by mark (ipvsadm -f) go by them. All rules that fit are applied, in
their order. More: docs/firewall-marks.md

Examples:
  fairlead mark add 7 --destination 192.0.2.0/24 --protocol tcp --ports 80,443
  fairlead mark list
  fairlead mark import --dry-run      what netfilter's rules of this namespace would become`;

export function register(program: Command): void {
  const mark = program
    .command('mark')
    .description('rules that give packets the firewall marks of ipvsadm -f')
    .addHelpText('after', help);
  for (const register of [list, add, remove, clear, importRules]) register(mark);
}
