/**
 * What a daemon is told when it is started: options on its command line, or variables of its environment, which is
 * what a unit and the command that starts a daemon by itself have. An option comes before a variable. Pure.
 */

import { parseArgs } from 'node:util';
import { FairleadError, messageOf } from '../ipvs/errors.ts';
import { type LogFormat, type LogLevel, logFormats, logLevels } from '../ipvs/log.ts';

export type DaemonOptions = {
  /**
   * The inode of a namespace that is served from outside, with descriptor 3 on it and descriptor 4 to report on;
   * absent: the namespace that the daemon is in, and stays in.
   */
  readonly namespace?: number;
  /** Whether the daemon that serves that namespace is asked to go. Others always do so. */
  readonly replaces?: true;
  /** Whether a data plane of another layout is taken off, with all that it holds, instead of being refused. */
  readonly discards?: true;
  /** The configuration file that it applies when it starts and when it is told to reload. */
  readonly config?: string;
  /** Room in the connection table, where it is made anew. */
  readonly connections?: number;
  readonly logLevel: LogLevel;
  /** Absent: JSON where journald listens, else text. */
  readonly logFormat?: LogFormat;
};

type Setting = {
  readonly variable: string;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly help: string;
};

/** A row for each: by its option, without the dashes. */
const settings = {
  config: {
    variable: 'FAIRLEAD_CONFIG',
    value: 'FILE',
    help: 'configuration to apply at the start and on SIGHUP; none: start with what is there',
  },
  connections: {
    variable: 'FAIRLEAD_CONNECTIONS',
    value: 'NUMBER',
    help: 'room in the connection table, where the data plane is not loaded yet',
  },
  'log-level': {
    variable: 'FAIRLEAD_LOG',
    value: 'LEVEL',
    help: `what is said: ${logLevels.join(', ')}; info if not given`,
  },
  'log-format': {
    variable: 'FAIRLEAD_LOG_FORMAT',
    value: 'FORMAT',
    help: `how: ${logFormats.join(' or ')}; json under journald, else text`,
  },
} as const satisfies Readonly<Record<string, Setting>>;
type SettingName = keyof typeof settings;

export type Wish = { readonly help: true } | { readonly version: true } | { readonly options: DaemonOptions };

/** Throws DAEMON_OPTION. */
export function readOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Wish {
  const { values, positionals } = parsed(argv);
  if (values['help'] === true) return { help: true };
  if (values['version'] === true) return { version: true };
  const given = (name: SettingName): string | undefined => {
    const option = values[name];
    const text = typeof option === 'string' ? option : environment[settings[name].variable];
    return text === '' ? undefined : text;
  };
  const config = given('config');
  const format = given('log-format');
  const connections = given('connections');
  return {
    options: {
      ...(positionals.length > 0 && { namespace: namespaceIn(positionals) }),
      ...(values['replace'] === true && { replaces: true }),
      ...(values['discard'] === true && { discards: true }),
      ...(config !== undefined && { config }),
      ...(connections !== undefined && { connections: count('connections', connections) }),
      logLevel: oneOf('log-level', logLevels, given('log-level') ?? 'info'),
      ...(format !== undefined && { logFormat: oneOf('log-format', logFormats, format) }),
    },
  };
}

/** What `--help` prints. */
export function helpText(): string {
  const rows = Object.entries(settings).map(([name, { variable, value, help }]) =>
    [`  --${name} ${value}`.padEnd(26), variable.padEnd(22), help].join(''),
  );
  return [
    'Usage: fairleadd [options]',
    '',
    'Serves the network namespace that it is started in, in the foreground, until it is told to stop (SIGTERM). Packets',
    'are forwarded by the kernel: stopping the daemon does not stop forwarding, `fairlead unload` does. A daemon that',
    'ipvsadm has started by itself gives way to it.',
    '',
    'Each option can be given as a variable of the environment as well; the option comes first.',
    '',
    ...rows,
    '  --help, --version',
    '',
    'SIGHUP reads the configuration again: all of it, or none. Exit status: 0 it was told to stop, 1 it failed, 2 it was',
    'called wrongly. More: fairleadd(8), docs/operations.md',
    '',
  ].join('\n');
}

function parsed(argv: readonly string[]) {
  const strings = Object.keys(settings).map((name) => [name, { type: 'string' as const }]);
  const options = {
    ...(Object.fromEntries(strings) as Record<SettingName, { readonly type: 'string' }>),
    replace: { type: 'boolean' },
    discard: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw refusal(messageOf(error).replace(/\. To specify.*$/s, ''));
  }
}

function namespaceIn(positionals: readonly string[]): number {
  const [inode = ''] = positionals;
  if (positionals.length === 1 && /^\d+$/.test(inode)) return Number(inode);
  throw refusal(`it takes no arguments, but was given ${positionals.join(' ')}`);
}

function oneOf<T extends string>(name: SettingName, known: readonly T[], text: string): T {
  const found = known.find((value) => value === text);
  if (found === undefined) throw refusal(`${named(name)} is one of ${known.join(', ')}, not ${text}`);
  return found;
}

function count(name: SettingName, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw refusal(`${named(name)} is a number, not ${text}`);
}

function named(name: SettingName): string {
  return `--${name} (${settings[name].variable})`;
}

function refusal(detail: string): FairleadError {
  return new FairleadError('DAEMON_OPTION', detail);
}
