/** Where a plan is carried out: a POSIX shell on this machine, or on another one. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, runProgram } from '../../linux/program.ts';

/** Runs a script that comes by standard input, with these words. */
export type Shell = (script: string, words?: readonly string[]) => Promise<Ended>;

export const localShell: Shell = (script, words = []) => runProgram(['sh', '-s', '--', ...words], script);

/** The scripts that lie beside this file; `packageRoot` because the code may run from a bundle elsewhere. */
export type Scripts = { readonly engine: string; readonly questions: string };

export function readScripts(packageRoot: string): Scripts {
  const read = (name: string): string => readFileSync(join(packageRoot, 'src/realserver/join', name), 'utf8');
  return { engine: read('engine.sh'), questions: read('questions.sh') };
}
