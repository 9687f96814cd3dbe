/** Times and numbers of keepalived.conf: seconds with decimals. */

import { secondsText } from '../../meaning/duration.ts';
import type { Say } from '../imported.ts';
import { find, type Statement } from './syntax.ts';

/** A number behind a keyword, looked for from the innermost block outwards. */
export function numberOf(
  blocks: readonly (readonly Statement[])[],
  say: Say,
  ...keywords: readonly string[]
): number | undefined {
  for (const block of blocks) {
    const statement = find(block, ...keywords);
    if (!statement) continue;
    const number = Number(statement.words[0]);
    if (Number.isFinite(number) && statement.words[0] !== undefined) return number;
    say(statement.line, `${statement.keyword} ${statement.words.join(' ')} is not a number`);
  }
  return undefined;
}

/** `2s`, `1m`, `1500ms` */
export function timeText(seconds: number): string {
  return Number.isInteger(seconds) ? secondsText(seconds) : `${Math.round(seconds * 1000)}ms`;
}
