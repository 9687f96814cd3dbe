/**
 * keepalived.conf(5) as a tree: a keyword with its words, and perhaps a block of such. Comments begin with # or !,
 * words may be quoted, and `$NAME=value` defines what `$NAME` stands for.
 */

import type { Say } from '../imported.ts';

export type Statement = {
  readonly keyword: string;
  readonly words: readonly string[];
  readonly line: number;
  /** Absent: there is no block. */
  readonly block?: readonly Statement[];
};

type Token = { readonly text: string; readonly line: number; readonly isFirst: boolean };

export function parseKeepalived(text: string, say: Say): readonly Statement[] {
  const tokens = tokensOf(text, say);
  let at = 0;
  const statements = (depth: number): readonly Statement[] => {
    const found: Statement[] = [];
    while (at < tokens.length) {
      const token = tokens[at++];
      if (!token || token.text === '}') {
        if (depth > 0) return found;
        say(token?.line ?? 0, 'a } too many');
        continue;
      }
      if (token.text === '{') {
        say(token.line, 'a block without a keyword');
        statements(depth + 1);
        continue;
      }
      found.push(statement(token, depth));
    }
    if (depth > 0) say(tokens.at(-1)?.line ?? 0, 'a } is missing at the end');
    return found;
  };
  /** Words end with their line, unless a block begins on the next. */
  const statement = (keyword: Token, depth: number): Statement => {
    const words: string[] = [];
    for (let next = tokens[at]; next && !next.isFirst && !/^[{}]$/.test(next.text); next = tokens[++at])
      words.push(next.text);
    const made = { keyword: keyword.text, words, line: keyword.line };
    if (tokens[at]?.text !== '{') return made;
    at++;
    return { ...made, block: statements(depth + 1) };
  };
  return statements(0);
}

function tokensOf(text: string, say: Say): readonly Token[] {
  const definitions = new Map<string, string>();
  return text.split('\n').flatMap((raw, index) => {
    const line = index + 1;
    const [, name, value = ''] = /^\s*\$(\w+)\s*=\s*(.*?)\s*$/.exec(raw) ?? [];
    if (name !== undefined) {
      definitions.set(name, value.replace(/\s*[#!].*$/, ''));
      return [];
    }
    const filled = raw.replace(/\$\{?(\w+)\}?/g, (whole, word: string) => {
      const known = definitions.get(word);
      if (known === undefined) say(line, `${whole} is not defined`);
      return known ?? whole;
    });
    return wordsOf(filled).map((word, place) => ({ text: word, line, isFirst: place === 0 }));
  });
}

/** `a "b c" { # d` is three words. */
function wordsOf(line: string): readonly string[] {
  const words = line.matchAll(/"([^"]*)"?|'([^']*)'?|([{}])|([#!].*)|([^\s{}"'#!][^\s{}"]*)/g);
  return [...words].flatMap(([, double, single, brace, comment, plain]) =>
    comment === undefined ? [double ?? single ?? brace ?? plain ?? ''] : [],
  );
}

/** The first statement of a keyword, or one of its other names. */
export function find(block: readonly Statement[], ...keywords: readonly string[]): Statement | undefined {
  return block.find(({ keyword }) => keywords.includes(keyword));
}
