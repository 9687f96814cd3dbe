/** Answers as text, in pieces: what is long is never in memory as a whole, and others have their turns while it is written. */

import { connectionLine } from './connection-line.ts';
import type { RouteName } from './routes.ts';
import { takeTurns } from './turns.ts';

/** An answer whose lists, at any depth, may be given one by one. */
export type Lazily<T> = T extends readonly (infer E)[]
  ? Iterable<Lazily<E>>
  : T extends object
    ? { readonly [K in keyof T]: Lazily<T[K]> }
    : T;

function isLazyList(answer: unknown): answer is Iterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.iterator in answer && !Array.isArray(answer);
}

/** Whether something in it is given one by one. */
export function isLazy(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return false;
  return isLazyList(answer) || Object.values(answer).some(isLazyList);
}

/** What JSON.stringify makes of it, an element a line. */
export function* json(answer: unknown): Generator<string> {
  if (isLazyList(answer)) yield* array(answer);
  else if (isLazy(answer)) yield* object(answer as object);
  else yield JSON.stringify(answer);
}

function* array(values: Iterable<unknown>): Generator<string> {
  let separator = '[\n';
  for (const value of values) {
    yield separator;
    yield* json(value);
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

function* object(value: object): Generator<string> {
  let separator = '{';
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue;
    yield `${separator}${JSON.stringify(name)}:`;
    yield* json(part);
    separator = ',';
  }
  yield '}';
}

/** What a stream answers, a line each. */
export function* lines(name: RouteName, values: Iterable<readonly unknown[]>): Generator<string> {
  const lineOf = name === 'listConnections' ? (connectionLine as (value: unknown) => string) : JSON.stringify;
  for (const some of values) {
    let text = '';
    for (const value of some) text += `${lineOf(value)}\n`;
    yield text;
  }
}

/** Many pieces to a chunk: a chunk each would be slow with a million connections. Others have their turns meanwhile. */
export async function* chunks(pieces: Iterable<string>): AsyncGenerator<string> {
  const turns = takeTurns(() => performance.now());
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= 65536) {
      yield chunk;
      chunk = '';
    }
    if (turns.isOver()) await turns.next();
  }
  if (chunk !== '') yield chunk;
}
