/** What was done on a machine, as a person reads it. */

import type { Line, Outcome } from '../../realserver/join/report.ts';

const words: Readonly<Record<Exclude<Outcome, 'about'>, string>> = {
  did: 'done',
  held: 'was so already',
  missing: 'is missing',
  undid: 'taken back',
  left: 'left alone: it is no longer as it was set',
  back: 'taken back',
  stuck: 'could not be taken back',
  failed: 'failed',
  absent: 'absent',
};

export function reportText(lines: readonly Line[]): string {
  const shown = lines.flatMap(({ outcome, what }) =>
    outcome === 'about' ? [] : [{ what, word: words[outcome] }],
  );
  const width = Math.max(0, ...shown.map(({ what }) => what.length));
  return shown.map(({ what, word }) => `  ${what.padEnd(width)}  ${word}\n`).join('');
}
