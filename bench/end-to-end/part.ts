/** Real sockets through a lab of network namespaces: with no director, with the ceiling of any, with Fairlead, with proxies. */

import { busySeconds } from '../cpu.ts';
import type { Part, PartRun } from '../part.ts';
import { figuresOf, type Round, type Turn } from './figures.ts';
import { type LoadKind, loads } from './loads.ts';
import { openStage, ports, type Stage } from './stage.ts';
import { targets, type Way, ways } from './topology.ts';

export const endToEndPart: Part = {
  name: 'end-to-end',
  rounds: [9, 2],
  async measure(run) {
    const stage = await openStage(run.signal);
    try {
      await measureOn(stage, run);
    } finally {
      await stage.close();
    }
  },
};

/** Of each turn. */
const usualSeconds = 2;
const quickSeconds = 1;
const quickLoads = ['keep-alive', 'new connections', 'download'];
/** Of a load that should not fail at all. */
const mostFailures = 0.001;

async function measureOn(
  stage: Stage,
  { rounds, isQuick, only, hasTime, leaveOut, report }: PartRun,
): Promise<void> {
  for (const load of loads) {
    if (!load.name.includes(only) || (isQuick && !quickLoads.includes(load.name))) continue;
    if (!hasTime()) {
      leaveOut(load.name);
      continue;
    }
    const measured: Round[] = [];
    for (let number = 0; number < rounds && (number === 0 || hasTime()); number++)
      measured.push(await round(stage, load, isQuick ? quickSeconds : usualSeconds, number));
    for (const figure of figuresOf(load.name, load.unit, measured)) report(figure);
  }
}

/** Each round begins with another way, so that none always comes after the same one. */
async function round(stage: Stage, load: LoadKind, seconds: number, number: number): Promise<Round> {
  const turns: Partial<Record<Way, Turn>> = {};
  for (let step = 0; step < ways.length; step++) {
    const way = ways[(number + step) % ways.length] ?? 'direct';
    turns[way] = await turn(stage, load, way, seconds);
  }
  return turns as Round;
}

async function turn(stage: Stage, load: LoadKind, way: Way, seconds: number): Promise<Turn> {
  const before = busySeconds();
  const said = await stage.ask(load.argv(targets[way], ports, seconds), seconds * 1000 + 20_000);
  const busy = busySeconds() - before;
  const { done, rate, half, most, failed } = load.parse(said);
  if (failed > mostFailures * done) throw new RangeError(`${load.name}, ${way}: ${failed} of ${done} failed`);
  return {
    rate,
    work: busy / done,
    ...(half !== undefined && { half }),
    ...(most !== undefined && { most }),
  };
}
