import { describe, expect, it } from 'vitest';
import { largeNumber, minutesAndSeconds, serverName, serviceName } from './format.ts';
import { parseNumber } from './numbers.ts';

describe('a counter in a listing', () => {
  it.each([
    [0, '        0'],
    [99_999_999, ' 99999999'],
    [100_000_000, '  100000K'],
    [999_999_999, '  999999K'],
    [1_000_000_000, '    1000M'],
    [99_999_999_999, '   99999M'],
    [100_000_000_000, '     100G'],
    [99_999_999_999_999, '   99999G'],
    [100_000_000_000_000, '     100T'],
  ])('%d is rounded to %j', (value, text) => {
    expect(largeNumber(value, false)).toBe(text);
  });

  it.each([
    [0, '        0'],
    [99_999_999, ' 99999999'],
    [100_000_000, ' 100000000'],
    [100_000_000_000_000, ' 100000000000000'],
  ])('%d is %j if it has to be exact', (value, text) => {
    expect(largeNumber(value, true)).toBe(text);
  });
});

describe('a name in a listing', () => {
  it('fills its column and is cut at 28 characters', () => {
    expect(serviceName('tcp', '10.0.0.1:80')).toBe('TCP  10.0.0.1:80');
    expect(serviceName('udp', 'a-very-long-name-for-a-virtual-service:8080')).toBe(
      'UDP  a-very-long-name-for-a-virtu',
    );
    expect(serverName('10.0.0.1:80')).toBe('  -> 10.0.0.1:80                 ');
    expect(serverName('a-very-long-name-for-a-real-server:80')).toBe('  -> a-very-long-name-for-a-real-');
  });
});

it.each([
  [0, '00:00'],
  [59, '00:59'],
  [900, '15:00'],
  [36_005, '600:05'],
])('%d seconds left read %s', (seconds, text) => {
  expect(minutesAndSeconds(seconds)).toBe(text);
});

describe('a number on the command line', () => {
  it.each([
    ['5', 5],
    ['+5', 5],
    [' \t5', 5],
    ['010', 10],
    ['-0', 0],
    ['2147483647', 2147483647],
  ])('%j is %d', (text, value) => {
    expect(parseNumber(text, 0, 2147483647)).toBe(value);
  });

  it.each(['', ' ', '5 ', '0x10', '1e3', '5.0', '+-5', '-1', '2147483648', '99999999999999999999'])(
    '%j is refused',
    (text) => {
      expect(parseNumber(text, 0, 2147483647)).toBeUndefined();
    },
  );
});
