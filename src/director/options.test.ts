import { describe, expect, it } from 'vitest';
import { helpText, readOptions } from './options.ts';

const usual = { logLevel: 'info' };

describe('what a daemon is told', () => {
  it('is nothing, usually', () => {
    expect(readOptions([], { PATH: '/bin' })).toEqual({ options: usual });
  });

  it('is the namespace, where a command starts it', () => {
    expect(readOptions(['4026531840'], {})).toEqual({ options: { ...usual, namespace: 4026531840 } });
  });

  it('comes from the environment, and an option comes before it', () => {
    const environment = {
      FAIRLEAD_CONFIG: '/etc/a.yaml',
      FAIRLEAD_LOG: 'debug',
      FAIRLEAD_CONNECTIONS: '4096',
    };
    expect(readOptions(['--config', '/etc/b.yaml', '--log-format=json'], environment)).toEqual({
      options: { config: '/etc/b.yaml', connections: 4096, logLevel: 'debug', logFormat: 'json' },
    });
  });

  it('does not count where a variable is empty', () => {
    expect(readOptions([], { FAIRLEAD_CONFIG: '', FAIRLEAD_LOG: '' })).toEqual({ options: usual });
  });

  it.each([
    [['--log-level', 'loud'], '--log-level (FAIRLEAD_LOG) is one of error, warning, info, debug, not loud'],
    [['--log-format', 'xml'], '--log-format (FAIRLEAD_LOG_FORMAT) is one of text, json, not xml'],
    [['--connections', '0'], '--connections (FAIRLEAD_CONNECTIONS) is a number, not 0'],
    [['--connections', 'many'], '--connections (FAIRLEAD_CONNECTIONS) is a number, not many'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--config'], "Option '--config <value>' argument missing"],
    [['start'], 'it takes no arguments, but was given start'],
    [['1', '2'], 'it takes no arguments, but was given 1 2'],
  ])('is refused in one sentence: %j', (argv, detail) => {
    expect(() => readOptions(argv, {})).toThrow(
      expect.objectContaining({ code: 'DAEMON_OPTION', detail: expect.stringContaining(detail) }),
    );
  });

  it('is all in the help', () => {
    expect(readOptions(['--help'], {})).toEqual({ help: true });
    for (const word of [
      '--config FILE',
      'FAIRLEAD_CONFIG',
      '--connections',
      '--log-level',
      'FAIRLEAD_LOG_FORMAT',
    ])
      expect(helpText()).toContain(word);
  });
});
