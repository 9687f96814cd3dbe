/** ipvsadm's grammar: argv to a command, or to the line and exit code of the first mistake in it. */

import { flagsNamed } from '../ipvs/flag-names.ts';
import { defaultScheduler } from '../ipvs/schedulers.ts';
import type { Command, ViewName } from './command.ts';
import { type ExitCode, exitCode } from './exit-codes.ts';
import { legalityError } from './legality.ts';
import type { Names } from './names.ts';
import { type CommandName, flags, type OptionName } from './options.ts';
import { indexFlags, splitWords } from './popt.ts';
import { readers, type Settings, timeoutError } from './readers.ts';
import { serverCommand } from './server-command.ts';
import { serviceCommand } from './service-command.ts';

export type UsageError = {
  readonly kind: 'error';
  /** Without the newline. */
  readonly message: string;
  readonly code: ExitCode;
  /** `-R` goes on with the next line; after any other mistake it ends. */
  readonly passing?: true;
};

/** A command line whose words were read, one by one, without a mistake. */
type Line = {
  readonly command: Exclude<CommandName, 'help' | 'version'>;
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
  const mistake = wordsError(line) ?? flagsError(line.settings) ?? legalityError(line.command, line.given);
  if (mistake !== undefined) return usageError(mistake);
  const command = commandOf(line.command, line);
  return typeof command === 'string' ? usageError(command) : command;
}

/** Whether the words ask for nothing but text: `-h` or `-v` comes first, and what follows is not read. */
export function asksForText(argv: readonly string[]): boolean {
  for (const event of splitWords(argv, flagIndex)) {
    if (event.kind === 'flag') return event.flag.command === 'help' || event.flag.command === 'version';
  }
  return false;
}

function usageError(message: string): UsageError {
  return { kind: 'error', message, code: exitCode.usage };
}

/** What ipvsadm says where it makes nothing of a line at all. */
export const tryHelp: UsageError = {
  kind: 'error',
  message: "Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
  code: exitCode.refused,
};

const flagIndex = indexFlags(flags);

async function readLine(argv: readonly string[], names: Names): Promise<Line | Command | UsageError> {
  const words: string[] = [];
  const given = new Set<OptionName>();
  let settings: Settings = {};
  let command: CommandName | undefined;

  for (const event of splitWords(argv, flagIndex)) {
    if (event.kind === 'word') {
      words.push(event.text);
      continue;
    }
    if (event.kind === 'bad') {
      const { message } = event;
      return command ? { kind: 'error', message, code: exitCode.refused, passing: true } : tryHelp;
    }
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
    const reading = await readers[flag.long]?.(value, settings, names);
    if (typeof reading === 'string') return usageError(reading);
    settings = { ...settings, ...reading };
  }
  if (!command || command === 'help' || command === 'version') return tryHelp;
  return { command, given, settings, words };
}

/** Only `--set` takes words of its own. */
function wordsError({ command, words }: Line): string | undefined {
  const own = words.slice(0, command === 'set' ? 3 : 0);
  if (command === 'set' && own.length < 3) return '--set option requires 3 timeout values';
  const unexpected = words[own.length];
  return timeoutError(own, 0) ?? (unexpected === undefined ? undefined : `unexpected argument ${unexpected}`);
}

/** What is wrong with the names behind -b, which depend on the scheduler. */
function flagsError({ scheduler = defaultScheduler, flagNames = [] }: Settings): string | undefined {
  const named = flagsNamed(scheduler, flagNames);
  if (!('unknown' in named)) return undefined;
  return `${named.isOfAnother ? 'incompatible' : 'invalid'} scheduler flag \`${named.unknown}'`;
}

/** The command, or what is wrong with it as a whole. */
function commandOf(command: Line['command'], { given, settings, words }: Line): Command | string {
  const numeric = given.has('numeric');
  switch (command) {
    case 'flush':
      return { kind: 'flush' };
    case 'zero':
      return { kind: 'zero', service: settings.service };
    case 'list':
      return listCommand(given, settings);
    case 'set': {
      const [tcp = 0, tcpFin = 0, udp = 0] = words.map(Number);
      return { kind: 'set-timeouts', timeouts: { tcp, tcpFin, udp } };
    }
    case 'save':
      return { kind: 'save', numeric };
    case 'restore':
      return { kind: 'restore' };
    case 'start-daemon':
    case 'stop-daemon':
      return daemonCommand(command, settings);
    case 'add-service':
    case 'edit-service':
    case 'delete-service':
      return serviceCommand(command, settings);
    case 'add-server':
    case 'edit-server':
    case 'delete-server':
      return serverCommand(command, settings, given);
  }
}

/** The real tool's default is an interface of this name, and an empty one is as good as none. */
const defaultSyncInterface = 'eth0';

function daemonCommand(kind: 'start-daemon' | 'stop-daemon', { syncRole: role, sync }: Settings): Command {
  if (!role) throw new Error('the command has a role');
  if (kind === 'stop-daemon') return { kind, role };
  const name = sync?.interface || defaultSyncInterface;
  return { kind, daemon: { syncId: 0, ...sync, role, interface: name } };
}

function listCommand(given: ReadonlySet<OptionName>, { service }: Settings): Command {
  const numeric = given.has('numeric');
  if (given.has('timeout')) return { kind: 'list-timeouts' };
  if (given.has('daemon')) return { kind: 'list-daemons' };
  if (given.has('connection'))
    return { kind: 'list-connections', numeric, engineData: given.has('persistent-conn') };
  const [, view] = viewOptions.find(([option]) => given.has(option)) ?? [];
  return {
    kind: 'list-services',
    service,
    view: view ?? 'default',
    numeric,
    exact: given.has('exact'),
    sort: !given.has('nosort'),
  };
}

/** Where several are given, the first of them decides. */
const viewOptions: readonly (readonly [OptionName, ViewName])[] = [
  ['stats', 'stats'],
  ['rate', 'rate'],
  ['thresholds', 'thresholds'],
  ['persistent-conn', 'persistent'],
  ['tun-info', 'tunnels'],
];
