/** Every command of fairlead and each of its options is offered by both shells. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './main.ts';

const directory = fileURLToPath(new URL('../../packaging/completions', import.meta.url));

type Line = { readonly words: readonly string[]; readonly wanted: readonly string[] };

/** For each command its words, and what may come behind them. */
function linesOf(command: Command, words: readonly string[] = []): readonly Line[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  const options = help.visibleOptions(command).map(({ long, short }) => long ?? short ?? '');
  return [
    { words, wanted: [...commands.map((each) => each.name()), ...options] },
    ...commands.flatMap((each) => linesOf(each, [...words, each.name()])),
  ];
}

/** What is missing of each line, as `realserver join: --rip`. */
function missing(lines: readonly Line[], offered: (words: readonly string[]) => string): readonly string[] {
  return lines.flatMap(({ words, wanted }) => {
    const found = new Set(offered(words).split(/\s+/));
    const lacking = wanted.filter((word) => !found.has(word));
    return lacking.length === 0 ? [] : [`${words.join(' ')}: ${lacking.join(' ')}`];
  });
}

describe('every command and option of fairlead is completed', () => {
  const lines = linesOf(createProgram());

  it('by bash', { timeout: 60_000 }, () => {
    const script = `fairlead() { :; }; source ${directory}/fairlead.bash; _fairlead_candidates "$@"`;
    const offered = (words: readonly string[]) =>
      execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
    expect(missing(lines, offered)).toEqual([]);
  });

  it('by zsh', { timeout: 60_000 }, (context) => {
    context.skip(!existsSync('/usr/bin/zsh') && !existsSync('/bin/zsh'), 'needs zsh');
    const script = `
      compadd() { print -r -- $@; }; fairlead() { :; }; _net_interfaces() { :; }; _files() { :; }
      words=(fairlead $@ ''); CURRENT=$#words; set --; source ${directory}/_fairlead`;
    const offered = (words: readonly string[]) =>
      execFileSync('zsh', ['-fc', script, 'zsh', ...words], { encoding: 'utf8' });
    expect(missing(lines, offered)).toEqual([]);
  });
});
