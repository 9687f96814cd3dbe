/**
 * What a daemon says: a line each, with a level. Pure: the one who makes a logger says where lines go and what time it is.
 *
 * As text, `2026-01-31T12:00:00.000Z warning eth1: no native XDP`; as JSON, an object a line. Where journald listens,
 * `<N>` in front is the priority (sd-daemon(3)), which journald takes off again.
 */

export const logLevels = ['error', 'warning', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

/** What goes with a line, by name. JSON has them as keys; text shows them behind the message. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

export type Logger = { readonly [L in LogLevel]: (message: string, fields?: LogFields) => void };

export type LogOptions = {
  /** The least grave that is said. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Whether each line begins with its priority. */
  readonly priorities: boolean;
};

export type LogModules = {
  /** Takes a line with its end. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
};

/** syslog(3). */
const priorities: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, info: 6, debug: 7 };

export function createLogger(options: LogOptions, { write, now }: LogModules): Logger {
  const least = priorities[options.level];
  const say =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (priorities[level] > least) return;
      const line =
        options.format === 'json'
          ? JSON.stringify({ time: now().toISOString(), level, message, ...fields })
          : textLine(options, level, message, fields, now);
      write(`${options.priorities ? `<${priorities[level]}>` : ''}${line}\n`);
    };
  return { error: say('error'), warning: say('warning'), info: say('info'), debug: say('debug') };
}

/** The journal knows time and level by itself. */
function textLine(
  options: LogOptions,
  level: LogLevel,
  message: string,
  fields: LogFields,
  now: () => Date,
): string {
  const head = options.priorities ? '' : `${now().toISOString()} ${level} `;
  const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  // One event, one line: whoever reads by lines would take the rest for other events.
  return `${head}${message.replaceAll('\n', '\\n')}${tail.join('')}`;
}

function fieldText(value: string | number | boolean): string {
  const text = String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
