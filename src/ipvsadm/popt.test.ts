import { describe, expect, it } from 'vitest';
import type { Flag } from './options.ts';
import { indexFlags, splitWords } from './popt.ts';

const flags: readonly Flag[] = [
  { long: 'list', short: 'L' },
  { long: 'numeric', short: 'n' },
  { long: 'weight', short: 'w', argument: 'required' },
  { long: 'persistent', short: 'p', argument: 'optional' },
];

/** Flags as `name` or `name=value`, words in brackets, refusals as they are. */
function split(...argv: string[]): string[] {
  return [...splitWords(argv, indexFlags(flags))].map((event) => {
    if (event.kind === 'bad') return event.message;
    if (event.kind === 'word') return `[${event.text}]`;
    return event.value === undefined ? event.flag.long : `${event.flag.long}=${event.value}`;
  });
}

describe('words are split as popt does', () => {
  it.each([
    ['short flags alone or in a bundle', ['-L', '-n'], ['list', 'numeric']],
    ['a bundle', ['-Ln'], ['list', 'numeric']],
    ['a value in the next word', ['-w', '5'], ['weight=5']],
    ['a value in the same word', ['-Lw5'], ['list', 'weight=5']],
    ['a value behind an equals sign', ['-w=5'], ['weight=5']],
    ['only one equals sign is dropped', ['-w==5'], ['weight==5']],
    ['an empty value behind an equals sign', ['-w=', 'x'], ['weight=', '[x]']],
    ['a required value that looks like a flag', ['-w', '-n'], ['weight=-n']],
    ['a required value that looks like the end', ['-w', '--', '5'], ['weight=--', '[5]']],
    ['long flags', ['--list', '--weight', '5'], ['list', 'weight=5']],
    ['long flags with an equals sign', ['--weight=a=b'], ['weight=a=b']],
    ['an optional value that is there', ['-p', '30'], ['persistent=30']],
    ['an optional value in the same word', ['-p30'], ['persistent=30']],
    ['an optional value that is not there', ['-p', '-n'], ['persistent', 'numeric']],
    ['an optional value at the end', ['-p'], ['persistent']],
    ['a single dash is a word, not an optional value', ['-p', '-'], ['persistent', '[-]']],
    ['words between flags', ['a', '-L', '', 'b'], ['[a]', 'list', '[]', '[b]']],
    ['everything behind two dashes', ['-L', '--', '-n', '--'], ['list', '[-n]', '[--]']],
  ])('%s', (_, argv, expected) => {
    expect(split(...argv)).toEqual(expected);
  });

  it.each([
    ['an unknown short flag', ['-L', '-q', '-n'], ['list', '-q: unknown option']],
    ['an unknown flag within a bundle names the bundle', ['-Lqn'], ['list', '-Lqn: unknown option']],
    ['an unknown long flag', ['--foo=3'], ['--foo=3: unknown option']],
    ['an abbreviated long flag', ['--num'], ['--num: unknown option']],
    ['a missing value', ['-Lw'], ['list', '-Lw: missing argument']],
    ['a missing value of a long flag', ['--weight'], ['--weight: missing argument']],
    ['a value nobody asked for', ['-Ln=5'], ['list', '-Ln=5: option does not take an argument']],
    ['an empty one too', ['--numeric='], ['--numeric=: option does not take an argument']],
  ])('nothing is read behind %s', (_, argv, expected) => {
    expect(split(...argv)).toEqual(expected);
  });
});
