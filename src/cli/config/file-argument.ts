/** The argument that the commands about a configuration have in common. */

import type { Command } from 'commander';

/** Where the configuration is, if nothing else is said. */
export const usualPath = '/etc/fairlead/fairlead.yaml';

export function withFile(command: Command): Command {
  return command.argument('[file]', 'the file, or - for standard input', usualPath);
}
