/**
 * A request's body that is a JSON array of many elements: each is parsed and checked as it arrives, so that neither the text nor
 * the work is ever there as a whole. The changes of 40,000 real servers are 10 MB.
 */

import { FairleadError } from '../ipvs/errors.ts';
import type { Turns } from './turns.ts';

export type Elements = {
  /** The elements that come to their end in this piece of the text. Throws SyntaxError, or BAD_REQUEST where it is no array. */
  put(text: string): Generator<unknown>;
  /** Throws SyntaxError where the array has not come to its end. */
  end(): void;
};

const [quote, backslash, comma, opens, closes] = [...'"\\,[]'].map((each) => each.charCodeAt(0));
const [openingBrace, closingBrace] = [...'{}'].map((each) => each.charCodeAt(0));

export function createElements(): Elements {
  let place: 'before' | 'inside' | 'behind' = 'before';
  let count = 0;
  /** What has come of an element, and how much of it has been looked at. */
  let text = '';
  let at = 0;
  let depth = 0;
  let isString = false;

  /** The place of the character that ends an element, from `at` on; -1 where it has not come. */
  const findEnd = (): number => {
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (isString) {
        if (code === backslash) at++;
        else if (code === quote) isString = false;
      } else if (code === quote) isString = true;
      else if (code === openingBrace || code === opens) depth++;
      else if (depth === 0 && (code === comma || code === closes)) return at;
      else if (code === closingBrace || code === closes) depth--;
    }
    return -1;
  };
  return {
    *put(piece) {
      text += piece;
      if (place === 'before') {
        const begin = text.search(/\S/);
        if (begin < 0) return;
        if (text[begin] !== '[') throw new FairleadError('BAD_REQUEST', 'body must be an array');
        text = text.slice(begin + 1);
        place = 'inside';
      }
      // Cutting the text once for all that it holds, and not at each: what is left of it would be copied each time.
      let from = 0;
      while (place === 'inside') {
        const end = findEnd();
        if (end < 0) break;
        const isLast = text.charCodeAt(end) === closes;
        const isNone = isLast && count === 0 && text.slice(from, end).trim() === '';
        if (!isNone) {
          count++;
          yield JSON.parse(text.slice(from, end));
        }
        from = end + 1;
        at = from;
        if (isLast) place = 'behind';
      }
      text = text.slice(from);
      at -= from;
      if (place === 'behind' && text.trim() !== '')
        throw new SyntaxError('something stands behind the array');
    },
    end() {
      if (place !== 'behind') throw new SyntaxError('the array has no end');
    },
  };
}

export type ListLimits = {
  readonly bytes: number;
  readonly elements: number;
  /** What does not fit in an element, behind its place in the list; nothing where all of it does. */
  readonly refusal: (element: unknown) => string | undefined;
};

/** Throws SyntaxError, BAD_REQUEST, BODY_TOO_LARGE, or as the stream does. Others have their turns meanwhile. */
export async function readList(
  stream: AsyncIterable<Buffer>,
  limits: ListLimits,
  turns: Turns,
): Promise<readonly unknown[]> {
  const elements = createElements();
  const decoder = new TextDecoder();
  const list: unknown[] = [];
  let bytes = 0;
  const take = async (text: string): Promise<void> => {
    for (const element of elements.put(text)) {
      if (list.length === limits.elements)
        throw new FairleadError('BAD_REQUEST', `body must have at most ${limits.elements} elements`);
      const refusal = limits.refusal(element);
      if (refusal !== undefined) throw new FairleadError('BAD_REQUEST', `body/${list.length}${refusal}`);
      list.push(element);
      if (turns.isOver()) await turns.next();
    }
  };
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > limits.bytes) throw new FairleadError('BODY_TOO_LARGE', `more than ${limits.bytes} octets`);
    await take(decoder.decode(chunk, { stream: true }));
  }
  await take(decoder.decode());
  elements.end();
  return list;
}
