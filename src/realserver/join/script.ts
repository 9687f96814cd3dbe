/** A plan as a shell script that stands alone: it needs a POSIX shell and the programs of the plan, nothing of Fairlead's. Pure. */

import { version } from '../../ipvs/version.ts';
import type { Plan } from './plan.ts';
import { quoted, type Step } from './step.ts';
import { wantedText } from './wanted.ts';

/** `engine` is the text of engine.sh; `morePath` a directory to look for programs in. */
export function scriptText(plan: Plan, engine: string, morePath = ''): string {
  const { wanted, steps, programs, own } = plan;
  return [
    '#!/bin/sh',
    `# Makes this machine a real server of ${wanted.vips.join(' ')} (LVS). Written by fairlead ${version}.`,
    '# sh THIS [join] does it and may be said again; sh THIS leave takes it back; sh THIS check looks whether it holds.',
    '',
    `programs='${programs.join(' ')}'`,
    `own_addresses='${own.join(' ')}'`,
    `lasting=${wanted.lasting ? 'yes' : 'no'}`,
    `more_path=${quoted(morePath)}`,
    `about=${quoted(wantedText(wanted))}`,
    '',
    '# Each: what it changes, whether it holds, what does it, what prints how to take it back, whether it is still ours.',
    'policy() {',
    ...steps.map(stepText),
    '}',
    '',
    engine,
  ].join('\n');
}

/** For what needs no policy: to leave, and to look. */
export function engineText(engine: string, morePath = ''): string {
  return [
    'programs= own_addresses= lasting=yes about=',
    `more_path=${quoted(morePath)}`,
    'policy() { :; }',
    engine,
  ].join('\n');
}

function stepText({ key, holds, does, undo, ours }: Step): string {
  const words = [key, holds, does, undo, ...(ours === undefined ? [] : [ours])];
  return `$step ${words.map(argument).join(' \\\n  ')}`;
}

function argument(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
