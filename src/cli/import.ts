/** `fairlead import`: a configuration file from what other programs had. */

import { type Command, Option } from 'commander';
import { type SourceFormat, sourceFormats } from './config/source-format.ts';

const help = `
It reads what \`ipvsadm -S -n\` writes (which leaves out thresholds), keepalived.conf (virtual servers with groups, checkers,
quorum and sorry server), and ldirectord.cf. The configuration goes to standard output; what could not be taken over is
said on standard error, line by line. More: docs/configuration.md

Examples:
  ipvsadm -S -n | fairlead import - > fairlead.yaml
  fairlead import /etc/keepalived/keepalived.conf > fairlead.yaml
  fairlead import /etc/ha.d/ldirectord.cf | fairlead plan -

Exit status: 0, 1 the result is not right by itself, which is said.`;

export function register(program: Command): void {
  program
    .command('import')
    .description("make a configuration file of ipvsadm's, keepalived's or ldirectord's")
    .argument('<file>', 'theirs, or - for standard input')
    .addOption(
      new Option('--from <program>', 'whose it is, where that cannot be seen').choices(sourceFormats),
    )
    .addHelpText('after', help)
    .action(async (path: string, { from }: { readonly from?: SourceFormat }) => {
      const { importFile } = await import('./config/import.ts');
      await importFile(path, from);
    });
}
