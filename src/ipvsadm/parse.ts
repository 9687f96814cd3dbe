/** ipvsadm's grammar: argv to a command, or to the line and exit code of the first mistake in it. */

import { defaultScheduler } from '../ipvs/schedulers.ts';
import type { ServiceKey } from '../ipvs/service.ts';
import type { Command } from './command.ts';
import { type ExitCode, exitCode } from './exit-codes.ts';
import { flagsNamed } from './flag-names.ts';
import type { Names } from './names.ts';
import {
  type CommandName,
  flags,
  type KnownFlag,
  type Legality,
  legality,
  type OptionName,
  optionNames,
} from './options.ts';
import { splitWords } from './popt.ts';
import { readers, type Settings, timeoutError } from './readers.ts';
import { unsupportedCommand, unsupportedText } from './unsupported.ts';

export type UsageError = {
  readonly kind: 'error';
  /** Without the newline. */
  readonly message: string;
  readonly code: ExitCode;
  /** The real tool would have gone on: the line is legal, and only Fairlead cannot do it. */
  readonly unsupported?: true;
};

/** A command line whose words were read, one by one, without a mistake. */
type Line = {
  readonly command: Exclude<CommandName, 'help' | 'version'>;
  readonly used: readonly KnownFlag[];
  readonly given: ReadonlySet<OptionName>;
  readonly settings: Settings;
  /** Words that belong to no flag. */
  readonly words: readonly string[];
};

const listEverything: Command = {
  kind: 'list-services',
  service: undefined,
  view: 'default',
  numeric: false,
  exact: false,
  sort: true,
};

/** Reads a command line, without the program's name; no words at all list everything. */
export async function parse(argv: readonly string[], names: Names): Promise<Command | UsageError> {
  if (argv.length === 0) return listEverything;
  const line = await readLine(argv, names);
  if ('kind' in line) return line;
  const mistake = wordsError(line) ?? legalityError(line) ?? listError(line);
  if (mistake !== undefined) return usageError(mistake);
  const unsupported = unsupportedText(line.used, line.settings.ipv6Address ?? false);
  if (unsupported !== undefined) return { ...usageError(unsupported), unsupported: true };
  return commandOf(line);
}

/** Whether the words ask for nothing but text: `-h` or `-v` comes first, and what follows is not read. */
export function asksForText(argv: readonly string[]): boolean {
  for (const event of splitWords(argv, flags)) {
    if (event.kind === 'flag') return event.flag.command === 'help' || event.flag.command === 'version';
  }
  return false;
}

function usageError(message: string, code: ExitCode = exitCode.usage): UsageError {
  return { kind: 'error', message, code };
}

async function readLine(argv: readonly string[], names: Names): Promise<Line | Command | UsageError> {
  const words: string[] = [];
  const used: KnownFlag[] = [];
  const given = new Set<OptionName>();
  let settings: Settings = {};
  let command: CommandName | undefined;

  for (const event of splitWords(argv, flags)) {
    if (event.kind === 'word') {
      words.push(event.text);
      continue;
    }
    if (event.kind === 'bad') return command ? usageError(event.message, exitCode.refused) : tryHelp;
    const { flag, value, word } = event;
    if (!command) {
      if (!flag.command) return tryHelp;
      command = flag.command;
      if (command === 'help' || command === 'version') return { kind: command };
    } else if (flag.command) {
      return usageError(`invalid option \`${word}'`);
    }
    if (flag.option && given.has(flag.option))
      return usageError(`multiple '${flag.option}' options specified`);
    if (flag.option) given.add(flag.option);
    used.push(flag);
    const reading = await readers[flag.long]?.(value, settings, names);
    if (typeof reading === 'string') return usageError(reading);
    settings = { ...settings, ...reading };
  }
  if (!command || command === 'help' || command === 'version') return tryHelp;
  return { command, used, given, settings, words };
}

const tryHelp = usageError("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", exitCode.refused);

/** Only `--set` takes words of its own. */
function wordsError({ command, words }: Line): string | undefined {
  const own = words.slice(0, command === 'set' ? 3 : 0);
  if (command === 'set' && own.length < 3) return '--set option requires 3 timeout values';
  const unexpected = words[own.length];
  return timeoutError(own, 0) ?? (unexpected === undefined ? undefined : `unexpected argument ${unexpected}`);
}

function legalityError({ command, given }: Line): string | undefined {
  const { required = [], allowed = [], exclusive = [] }: Legality = legality[command];
  let taken: OptionName | undefined;
  for (const name of optionNames) {
    if (!given.has(name)) {
      if (required.includes(name)) {
        return `You need to supply the '${name}' option for the '${command}' command`;
      }
    } else if (exclusive.includes(name)) {
      if (taken)
        return `The option '${name}' conflicts with the '${taken}' option in the '${command}' command`;
      taken = name;
    } else if (!required.includes(name) && !allowed.includes(name)) {
      return `Illegal '${name}' option with the '${command}' command`;
    }
  }
  return undefined;
}

/** What else cannot be listed together; the matrix has no words for pairs. */
function listError({ command, given }: Line): string | undefined {
  if (command !== 'list') return undefined;
  const any = (...names: OptionName[]) => names.some((name) => given.has(name));
  const conflict =
    (any('connection', 'timeout', 'daemon') && any('stats', 'rate', 'thresholds')) ||
    (any('timeout', 'daemon') && any('persistent-conn'));
  return conflict ? 'options conflicts in the list command' : undefined;
}

function commandOf({ command, given, settings, words }: Line): Command | UsageError {
  const { service } = settings;
  switch (command) {
    case 'flush':
      return { kind: 'flush' };
    case 'zero':
      return { kind: 'zero', service };
    case 'list': {
      const numeric = given.has('numeric');
      if (given.has('timeout')) return { kind: 'list-timeouts' };
      if (given.has('connection')) return { kind: 'list-connections', numeric };
      const view = given.has('stats') ? 'stats' : given.has('rate') ? 'rate' : 'default';
      const sort = !given.has('nosort');
      return { kind: 'list-services', service, view, numeric, exact: given.has('exact'), sort };
    }
    case 'set': {
      const [tcp = 0, tcpFin = 0, udp = 0] = words.map(Number);
      return { kind: 'set-timeouts', timeouts: { tcp, tcpFin, udp } };
    }
    case 'save':
    case 'restore':
    case 'start-daemon':
    case 'stop-daemon':
      return usageError(unsupportedCommand(command));
    default:
      // The matrix requires it, and what is not TCP or UDP over IPv4 was refused.
      return service ? serviceCommandOf(command, service, settings) : tryHelp;
  }
}

type ServiceCommand = `${'add' | 'edit' | 'delete'}-${'service' | 'server'}`;

function serviceCommandOf(
  command: ServiceCommand,
  service: ServiceKey,
  { scheduler = defaultScheduler, flagNames = [], realServer, weight = 1 }: Settings,
): Command | UsageError {
  switch (command) {
    case 'add-service':
    case 'edit-service': {
      const named = flagsNamed(scheduler, flagNames);
      if ('incompatible' in named) return usageError(`incompatible scheduler flag \`${named.incompatible}'`);
      if (service.port === 0) return usageError('Zero port specified for non-persistent service');
      return { kind: command, service: { ...service, scheduler, flags: named.flags } };
    }
    case 'delete-service':
      return { kind: command, service };
    case 'delete-server': {
      if (!realServer) return tryHelp;
      const port = realServer.port === 0 ? service.port : realServer.port;
      return { kind: command, service, destination: { address: realServer.address, port } };
    }
    case 'add-server':
    case 'edit-server': {
      if (!realServer) return tryHelp;
      // Direct routing leaves the packet's port alone, so ipvsadm replaces any other silently.
      const destination = {
        address: realServer.address,
        port: service.port,
        method: 'gate',
        weight,
      } as const;
      return { kind: command, service, destination };
    }
  }
}
