import { describe, expect, it } from 'vitest';
import { createLogger, type LogOptions } from './log.ts';

const usual: LogOptions = { level: 'info', format: 'text', priorities: false };

/** What a logger with these options makes of it. */
function said(options: Partial<LogOptions>, say: (log: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  say(createLogger({ ...usual, ...options }, { write, now: () => new Date(0) }));
  return text;
}

describe('a log line', () => {
  it('as text has time, level, message and fields', () => {
    expect(said({}, (log) => log.warning('eth1: no native XDP', { index: 3, why: 'not supported' }))).toBe(
      '1970-01-01T00:00:00.000Z warning eth1: no native XDP index=3 why="not supported"\n',
    );
  });

  it('as JSON is one object, whatever is in the message', () => {
    const line = said({ format: 'json' }, (log) => log.error('two\nlines "quoted"', { service: 'web' }));
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      level: 'error',
      message: 'two\nlines "quoted"',
      service: 'web',
    });
  });

  it('stays one line as text', () => {
    expect(said({}, (log) => log.info('two\nlines'))).toBe('1970-01-01T00:00:00.000Z info two\\nlines\n');
  });

  it.each(['text', 'json'] as const)('for the journal begins with its priority, as %s', (format) => {
    const lines = said({ format, level: 'debug', priorities: true }, (log) => {
      log.error('a');
      log.warning('b');
      log.info('c');
      log.debug('d');
    });
    expect(lines.match(/^<\d>/gm)).toEqual(['<3>', '<4>', '<6>', '<7>']);
  });

  it('below the level is not written', () => {
    const all = (log: ReturnType<typeof createLogger>): void => {
      for (const level of ['error', 'warning', 'info', 'debug'] as const) log[level](level);
    };
    expect(said({ level: 'warning', priorities: true }, all)).toBe('<3>error\n<4>warning\n');
    expect(said({ level: 'error', priorities: true }, all)).toBe('<3>error\n');
  });
});
