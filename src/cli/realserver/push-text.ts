/** What became of each host, as a person reads it. */

import type { HostReport } from '../../realserver/push/push.ts';

/** One line for each, with what was done there, or why not. */
export function pushText(reports: readonly HostReport[]): string {
  const names = ['HOST', ...reports.map(({ name }) => name)];
  const width = Math.max(...names.map((name) => name.length));
  const rows = reports.map((report) => [report.name, report.outcome, detailOf(report)] as const);
  return [['HOST', 'RESULT', ''] as const, ...rows]
    .map(([name, outcome, detail]) => `${name.padEnd(width)}  ${outcome.padEnd(10)}  ${detail}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

function detailOf({ outcome, why, lines }: HostReport): string {
  if (why !== undefined) return why;
  const count = (...words: readonly string[]): number =>
    lines.filter((line) => words.includes(line.outcome)).length;
  const done = [
    [count('did'), 'done'],
    [count('held'), 'were so already'],
    [count('undid', 'back'), 'taken back'],
    [count('left'), 'left alone'],
  ] as const;
  const text = done.flatMap(([number, word]) => (number === 0 ? [] : `${number} ${word}`)).join(', ');
  return outcome === 'untouched' ? 'it could be one' : text;
}
