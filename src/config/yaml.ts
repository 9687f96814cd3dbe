/** YAML 1.2 as values, and where each of them stands in the text. */

import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { PlacedProblem, Problem } from './problem.ts';
import { readByItems } from './yaml-items.ts';

export type YamlText = {
  readonly value: unknown;
  /** Puts problems into their places, in the order of the text. */
  place(problems: readonly Problem[]): readonly PlacedProblem[];
};

/**
 * How many nodes aliases may stand for, all in all. A file of many services that share a list of real servers needs
 * some thousands; what multiplies by nesting goes beyond any number.
 */
const maxAliasCount = 100_000;

/** The text's one document, or what is wrong with the text. Of a long one no tree is kept: it is built for whoever asks for places. */
export function readYaml(text: string): YamlText | { readonly problems: readonly PlacedProblem[] } {
  const value = readByItems(text);
  if (value === undefined) return readWhole(text);
  return {
    value,
    place(problems) {
      const whole = readWhole(text);
      return 'problems' in whole ? whole.problems : whole.place(problems);
    },
  };
}

function readWhole(text: string): YamlText | { readonly problems: readonly PlacedProblem[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true });
  const placeAt = (offset: number, message: string): PlacedProblem => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col), message };
  };
  const [error] = document.errors; // those behind it come of it, mostly
  if (error) return { problems: [placeAt(...syntaxProblem(error, text))] };
  const circle = text.includes('*') ? circleIn(document) : undefined;
  if (circle) return { problems: [placeAt(...circle)] };
  const contents = document.contents as Node | null;
  const resolved = (node: unknown): Node | undefined =>
    isAlias(node) ? node.resolve(document) : ((node ?? undefined) as Node | undefined);
  const offsetOf = ({ path, atKey }: Problem): number => {
    let node = resolved(contents);
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, step] of path.entries()) {
      const wantsKey = atKey && depth === path.length - 1;
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
        const key = isPair(pair) ? (pair.key as Node) : undefined;
        offset = key?.range?.[0] ?? offset;
        node = pair && !wantsKey ? resolved(pair.value) : undefined;
      } else if (isSeq(node)) node = resolved(node.items[Number(step)]);
      if (!wantsKey) offset = node?.range?.[0] ?? offset;
    }
    return offset;
  };
  const seeAlso = ({ other: path }: Problem): string =>
    path ? ` (line ${lineCounter.linePos(offsetOf({ path, message: '' })).line})` : '';
  try {
    return {
      value: document.toJS({ maxAliasCount }) as unknown,
      place: (problems) =>
        inOrder(
          problems.map((problem) => placeAt(offsetOf(problem), `${problem.message}${seeAlso(problem)}`)),
        ),
    };
  } catch (error) {
    return { problems: [placeAt(...aliasProblem(error, text))] };
  }
}

/** The first alias that stands in what it stands for. In one walk: to resolve an alias by itself takes a walk for each. */
function circleIn(document: Document): readonly [number, string] | undefined {
  const targets = new Map<string, Node>();
  let found: readonly [number, string] | undefined;
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) targets.set(node.anchor, node);
    },
    Alias(_, alias, path) {
      const target = targets.get(alias.source);
      if (!target || !path.includes(target)) return undefined;
      found = [
        alias.range?.[0] ?? 0,
        `*${alias.source} stands inside of &${alias.source}: it would have no end`,
      ];
      return visit.BREAK;
    },
  });
  return found;
}

function inOrder(problems: readonly PlacedProblem[]): readonly PlacedProblem[] {
  const once = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Where, and the library's sentence, or a better one for what people do. */
function syntaxProblem({ code, message, pos }: YAMLError, text: string): readonly [number, string] {
  const at = pos[0];
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1).split('\n')[0] ?? '';
  const bracketed = /\[[0-9a-fA-F:.]+\]:\d+/.exec(line)?.[0];
  if (bracketed !== undefined)
    return [at, `YAML takes a bracket for the beginning of a list: write "${bracketed}"`];
  switch (code) {
    case 'DUPLICATE_KEY':
      return [at, `\`${/^[^\s:]*/.exec(text.slice(at))?.[0]}\` stands here a second time: put both into one`];
    case 'TAB_AS_INDENT':
      return [at, 'YAML is not indented by tabs: put blanks instead'];
    case 'BAD_INDENT': {
      const end = /end with a (.)/.exec(message)?.[1];
      if (end !== undefined)
        return [at, `a \`${end}\` is missing above: what was begun in a bracket has not ended`];
      return [at, 'the indentation does not fit what stands above'];
    }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [at, 'the next line is indented as if it belonged to this value: indent both lines alike'];
    case 'MULTIPLE_DOCS':
      return [at, 'a second document begins here: the file has one'];
    case 'MISSING_CHAR':
      return /quote/.test(message)
        ? [openQuote(text, at), 'a quote begins here that does not end']
        : [at, firstLine(message)];
    default:
      return [at, firstLine(message)];
  }
}

/** Where the quote began that is missed at `end`: the first of a line with an odd number of them. */
function openQuote(text: string, end: number): number {
  let offset = 0;
  for (const line of text.slice(0, end).split('\n')) {
    for (const mark of ['"', "'"]) if (line.split(mark).length % 2 === 0) return offset + line.indexOf(mark);
    offset += line.length + 1;
  }
  return end;
}

function aliasProblem(error: unknown, text: string): readonly [number, string] {
  const message = error instanceof Error ? error.message : String(error);
  if (/alias count/i.test(message)) return [0, 'aliases (*name) stand for too much'];
  const [, name = ''] = /Unresolved alias .*: (\S+)/.exec(message) ?? [];
  if (name === '') return [0, firstLine(message)];
  return [Math.max(0, text.indexOf(`*${name}`)), `*${name} stands for nothing: there is no &${name} above`];
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+.*$/, '');
}
