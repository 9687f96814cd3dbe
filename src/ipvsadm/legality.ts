/** Which options may stand together: the matrices of options.ts, applied in the order in which ipvsadm looks. */

import type { TunnelType } from '../ipvs/service.ts';
import {
  type CommandName,
  type Legality,
  legality,
  type OptionName,
  optionNames,
  tunnelLegality,
  tunnelOptions,
} from './options.ts';

type Given = ReadonlySet<OptionName>;

/** What is wrong with the options given with a command; `undefined` if nothing is. */
export function legalityError(
  command: Exclude<CommandName, 'help' | 'version'>,
  given: Given,
): string | undefined {
  const mistake = errorOf(legality[command], optionNames, given, `'${command}' command`);
  return mistake ?? (command === 'list' ? listError(given) : undefined);
}

/** The same for the options of a tunnel. */
export function tunnelLegalityError(type: TunnelType, given: Given): string | undefined {
  return errorOf(tunnelLegality[type], tunnelOptions, given, `'${type}' tunnel type`);
}

/** Whether any option is given that describes a tunnel. */
export function describesTunnel(given: Given): boolean {
  return tunnelOptions.some((name) => given.has(name));
}

function errorOf(
  { required = [], allowed = [], exclusive = [] }: Legality,
  names: readonly OptionName[],
  given: Given,
  place: string,
): string | undefined {
  let taken: OptionName | undefined;
  for (const name of names) {
    if (!given.has(name)) {
      if (required.includes(name)) return `You need to supply the '${name}' option for the ${place}`;
    } else if (exclusive.includes(name)) {
      if (taken) return `The option '${name}' conflicts with the '${taken}' option in the ${place}`;
      taken = name;
    } else if (!required.includes(name) && !allowed.includes(name)) {
      return `Illegal '${name}' option with the ${place}`;
    }
  }
  return undefined;
}

/** What else cannot be listed together; the matrix has no words for pairs. */
function listError(given: Given): string | undefined {
  const any = (...names: OptionName[]) => names.some((name) => given.has(name));
  const conflict =
    (any('connection', 'timeout', 'daemon') && any('stats', 'rate', 'thresholds')) ||
    (any('timeout', 'daemon') && any('persistent-conn'));
  return conflict ? 'options conflicts in the list command' : undefined;
}
