/**
 * Splitting a command line into flags as popt(3) does it: bundles of short flags (`-Ln`), a value in the
 * same word (`-w5`, `-w=5`, `--weight=5`) or the next, no abbreviation of long flags, `--` ends the flags,
 * and words that are no flags may stand anywhere.
 */

import type { Flag } from './options.ts';

export type WordEvent<F extends Flag> =
  /** A flag, its value, and the last word read for it, which error texts name. */
  | { readonly kind: 'flag'; readonly flag: F; readonly value: string | undefined; readonly word: string }
  /** A word that belongs to no flag. */
  | { readonly kind: 'word'; readonly text: string }
  /** A word popt itself refuses; nothing is read behind it. */
  | { readonly kind: 'bad'; readonly message: string };

/** Flags by what they are called. */
export type FlagIndex<F extends Flag> = {
  readonly short: ReadonlyMap<string, F>;
  readonly long: ReadonlyMap<string, F>;
};

export function indexFlags<F extends Flag>(flags: readonly F[]): FlagIndex<F> {
  return {
    short: new Map(flags.flatMap((flag) => (flag.short === undefined ? [] : [[flag.short, flag]]))),
    long: new Map(flags.map((flag) => [flag.long, flag])),
  };
}

/** The flags and words of `argv` in order, read only as far as asked, so that the first error wins. */
export function* splitWords<F extends Flag>(
  argv: readonly string[],
  flags: FlagIndex<F>,
): Generator<WordEvent<F>> {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') {
      for (const text of argv.slice(at + 1)) yield { kind: 'word', text };
      return;
    }
    if (!word.startsWith('-') || word === '-') {
      yield { kind: 'word', text: word };
      continue;
    }
    for (const part of flagsOfWord(word, flags)) {
      if (typeof part === 'string') {
        yield { kind: 'bad', message: `${word}: ${part}` };
        return;
      }
      const { flag, inline } = part;
      const next = inline === undefined ? argv[at + 1] : undefined;
      if (next !== undefined && takesNextWord(flag, next)) {
        at++;
        yield { kind: 'flag', flag, value: next, word: next };
      } else if (flag.argument === 'required' && inline === undefined) {
        yield { kind: 'bad', message: `${word}: missing argument` };
        return;
      } else {
        yield { kind: 'flag', flag, value: inline, word };
      }
    }
  }
}

function takesNextWord(flag: Flag, next: string): boolean {
  return flag.argument === 'required' || (flag.argument === 'optional' && !next.startsWith('-'));
}

type Part<F> = { readonly flag: F; readonly inline?: string };

/** The flags one dashed word holds, or what is wrong with it. */
function* flagsOfWord<F extends Flag>(
  word: string,
  { short, long }: FlagIndex<F>,
): Generator<Part<F> | string> {
  if (word.startsWith('--')) {
    const [name = ''] = word.slice(2).split('=', 1);
    const flag = long.get(name);
    const inline = word.length > name.length + 2 ? word.slice(name.length + 3) : undefined;
    if (!flag) yield 'unknown option';
    else if (inline === undefined) yield { flag };
    else if (flag.argument) yield { flag, inline };
    else yield 'option does not take an argument';
    return;
  }
  for (let at = 1; at < word.length; at++) {
    const flag = short.get(word.charAt(at));
    const tail = word.slice(at + 1);
    if (!flag) {
      yield 'unknown option';
    } else if (flag.argument) {
      yield tail === '' ? { flag } : { flag, inline: tail.replace(/^=/, '') };
      return;
    } else if (tail.startsWith('=')) {
      yield 'option does not take an argument';
    } else {
      yield { flag };
    }
  }
}
