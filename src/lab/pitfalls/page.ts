/** docs/pitfalls.md, from the table: what is written there is what is played. Pure. */

import type { Fault, Limit, Pitfall, Trial } from './fault.ts';
import { settings } from './settings.ts';
import { pitfalls } from './table.ts';

/** The whole page. A test compares it with the file. */
export function pitfallsPage(): string {
  const rows = pitfalls.flatMap(rowsOf);
  const columns = ['#', 'pitfall', 'here', 'scenario', 'found as', 'host it names', 'its cure'];
  return `${introduction}
${table([columns, ...rows])}
## Healthy set-ups

In each of these the doctor is asked on every host that is named, and must find nothing; the faults above are injected
into them, one after the other, and after each cure it must find nothing again.
\`fairlead lab play healthy NAME\` plays one.

${table([['name', 'what it is', 'asked on'], ...settings.map(({ name, about, doctors }) => [name, about, doctors.join(', ')])])}`;
}

const introduction = `# Pitfalls

What goes wrong with a director and its real servers, and what can be seen of it in a lab of network namespaces. Each
scenario starts from a set-up that works, does one thing to it, shows with real packets what a client sees, asks
\`fairlead doctor\`, types what it prints on the host that it names, and shows that the set-up works again and that the doctor
has nothing more to say. \`fairlead lab play pitfall NAME\` plays one, \`fairlead lab pitfalls\` lists them. The tests play all.

- _yes_: it breaks the set-up, the doctor finds it, and its cure mends it.
- _cannot hurt_: it breaks other directors. Here it is done, and nothing comes of it: the data plane takes packets
  before the stack does, or has seen to it.
- _always_: a limit of direct routing, which nothing mends; the doctor says it where it is asked.
- _no_: it cannot be made to happen in namespaces.
${pitfalls.map((pitfall) => ('unseen' in pitfall ? `  ${pitfall.number}: ${pitfall.unseen}.\n` : '')).join('')}
Written by \`fairlead lab pitfalls --markdown\`.
`;

function rowsOf({ number, what, trials, ...rest }: Pitfall): readonly (readonly string[])[] {
  if ('unseen' in rest) return [[String(number), what, 'no', '', '', '', '']];
  return trials.map((trial, at) => [at === 0 ? String(number) : '', at === 0 ? what : '', ...cellsOf(trial)]);
}

function cellsOf(trial: Trial): readonly string[] {
  if (trial.kind === 'harmless') return ['cannot hurt', `\`${trial.name}\``, '', '', ''];
  const { kind, name, finding } = trial;
  return [
    kind === 'fault' ? 'yes' : 'always',
    `\`${name}\``,
    `[${finding.code}](doctor.md#${finding.code})`,
    finding.host,
    cureOf(trial),
  ];
}

function cureOf(trial: Fault | Limit): string {
  if (trial.kind === 'limit') return 'none: another client, or another address';
  return trial.advice ? 'heals: its note, no command can' : 'heals';
}

/** As the formatter has it. */
const narrowest = 3;

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, at) => Math.max(narrowest, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}
