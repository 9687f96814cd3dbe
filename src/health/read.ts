/** Reading of a stream what an answer needs, and never more than a bound. */

import type { Readable } from 'node:stream';
import { ProbeFailure } from './attempt.ts';

/** Octets of an answer that are read at most. */
const answerLimit = 65_536;

/**
 * The text so far, once it is enough. What comes is taken for Latin-1, so that a pattern of ASCII fits whatever the
 * encoding. Fails where the stream ends before (`mismatch`, or `closed` with nothing at all), or at the bound.
 */
export function readUntil(
  stream: Readable,
  isEnough: (text: string) => boolean,
  what: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const done = (): void => {
      stream.off('data', read).off('end', ended);
    };
    const read = (octets: Buffer): void => {
      text += octets.toString('latin1').slice(0, answerLimit - text.length);
      if (isEnough(text)) {
        done();
        resolve(text);
      } else if (text.length === answerLimit) {
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
    stream.on('data', read).once('end', ended).once('error', reject);
  });
}

/** The beginning of an answer, on one line and in quotes. */
function excerpt(text: string): string {
  const limit = 60;
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
