/** Reading of a stream what an answer needs, and never more than a bound. */

import type { Readable } from 'node:stream';
import { ProbeFailure } from './attempt.ts';

/** Octets of an answer that are read at most. */
const answerLimit = 65_536;

/**
 * What `enough` makes of the text so far, once that is something. Each octet is taken for a character, so that a
 * pattern of ASCII fits whatever the encoding. Rejects where the stream ends before (`mismatch`, or `closed` with
 * nothing at all), at the bound (`too-long`), and with what `enough` throws.
 */
export function readUntil<T>(
  stream: Readable,
  enough: (text: string) => T | undefined,
  what: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let text = '';
    const done = (): void => {
      stream.off('data', read).off('end', ended).off('close', ended).off('error', reject);
    };
    const read = (octets: Buffer): void => {
      text += octets.toString('latin1').slice(0, answerLimit - text.length);
      try {
        const found = enough(text);
        if (found !== undefined) {
          done();
          resolve(found);
          return;
        }
      } catch (error) {
        done();
        reject(error);
        return;
      }
      if (text.length === answerLimit) {
        done();
        reject(new ProbeFailure('too-long', `${what}: not in the first ${answerLimit} octets`));
      }
    };
    const ended = (): void => {
      done();
      reject(
        text === ''
          ? new ProbeFailure('closed', `closed instead of ${what}`)
          : new ProbeFailure('mismatch', `${what} is not in ${excerpt(text)}`),
      );
    };
    stream.on('data', read).once('end', ended).once('close', ended).once('error', reject);
  });
}

/** The beginning of what a stream has, taken for UTF-8, and whether that is all of it. */
export async function readUpTo(
  stream: Readable,
  limit: number,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    octets += part.length;
    if (octets > limit) break;
  }
  return { text: Buffer.concat(parts).toString('utf8', 0, limit), isWhole: octets <= limit };
}

/** The beginning of an answer, on one line and in quotes. */
export function excerpt(text: string): string {
  const limit = 60;
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
