/** What a large configuration file costs the daemon, and how long others wait for it meanwhile. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { spreadOf } from '../statistics.ts';
import { type Cost, type Daemon, startDaemon } from './daemon.ts';
import { fileOf } from './file.ts';

const cases = ['first apply', 'apply, 1 % changed', 'SIGHUP, 1 % changed'] as const;
type Case = (typeof cases)[number];

export const reloadPart: Part = {
  name: 'reload',
  rounds: [5, 1],
  async measure({ rounds, isQuick, only, hasTime, leaveOut, signal, report }) {
    if (!cases.some((name) => name.includes(only))) return;
    if (!hasTime()) return leaveOut('all of it');
    const measured: Readonly<Record<Case, Cost>>[] = [];
    const directory = mkdtempSync(join(tmpdir(), 'fl-bench-'));
    try {
      for (let round = 0; round < rounds; round++)
        measured.push(await turn(directory, isQuick ? 500 : 2000, signal));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
    for (const name of cases) if (name.includes(only)) figuresOf(name, measured).forEach(report);
  },
};

/** A daemon that has nothing yet gets it all, and then another weight here and there. */
async function turn(
  directory: string,
  services: number,
  signal: AbortSignal,
): Promise<Readonly<Record<Case, Cost>>> {
  const [config, before, after] = ['conf.yaml', 'before.yaml', 'after.yaml'].map((name) =>
    join(directory, name),
  );
  if (config === undefined || before === undefined || after === undefined) throw new Error('no file');
  writeFileSync(config, '');
  writeFileSync(before, fileOf(services, false));
  writeFileSync(after, fileOf(services, true));
  const daemon = await startDaemon(config, signal);
  try {
    return await costs(daemon, { config, services, before, after });
  } finally {
    await daemon.stop();
  }
}

async function costs(
  daemon: Daemon,
  files: {
    readonly config: string;
    readonly services: number;
    readonly before: string;
    readonly after: string;
  },
): Promise<Readonly<Record<Case, Cost>>> {
  const first = await daemon.cost(() => daemon.command('apply', files.before));
  const changed = await daemon.cost(() => daemon.command('apply', files.after));
  writeFileSync(files.config, fileOf(files.services, false));
  const reloaded = await daemon.cost(() => daemon.hangUp());
  return { 'first apply': first, 'apply, 1 % changed': changed, 'SIGHUP, 1 % changed': reloaded };
}

function figuresOf(name: Case, measured: readonly Readonly<Record<Case, Cost>>[]): readonly Figure[] {
  const figure = (what: string, of: keyof Cost, unit: Figure['unit']): Figure => ({
    name: `${name}: ${what}`,
    value: spreadOf(measured.map((round) => round[name][of])),
    unit,
    ratios: [],
  });
  return [
    figure('CPU of the daemon', 'cpu', 's'),
    figure('longest wait of others', 'wait', 'ms'),
    figure('memory at most', 'peak', 'B'),
  ];
}
