/** Files that commands make: whether they are right by themselves. */

import { problemLine } from '../../config/problem.ts';
import { readConfiguration } from '../../config/read.ts';

/** Says on standard error what is not right in a file that has been printed, below `heading`; the exit code is 1 then. */
export function sayProblems(text: string, heading: string): void {
  const read = readConfiguration(text);
  if (!('problems' in read)) return;
  const lines = read.problems.map((problem) => `${problemLine('output', problem)}\n`);
  process.stderr.write(`${heading}:\n${lines.join('')}`);
  process.exitCode = 1;
}
