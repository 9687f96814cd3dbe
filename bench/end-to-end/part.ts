/** Real sockets through a lab of network namespaces: with no director, with the ceiling of any, with Fairlead, with proxies. */

import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../src/ipvs/errors.ts';
import { busySeconds } from '../cpu.ts';
import type { Part, PartRun } from '../part.ts';
import { figuresOf, type Round, type Turn } from './figures.ts';
import { type LoadKind, loads } from './loads.ts';
import { openStage, ports, type Stage } from './stage.ts';
import { targets, type Way, ways } from './topology.ts';

export const endToEndPart: Part = {
  name: 'end-to-end',
  rounds: [25, 2],
  async measure(run) {
    const stage = await openStage(run.signal);
    try {
      await measureOn(stage, run);
    } finally {
      await stage.close();
    }
  },
};

/** Of each turn: on two busy CPUs many short ones tell more than few long ones, as each has its own luck with the scheduler. */
const turnSeconds = 1;
const quickLoads = ['keep-alive', 'new connections', 'download'];
/** Of a turn. */
const mostAttempts = 20;
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
      measured.push(await round(stage, load, turnSeconds, number));
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
  const { busy, loaded } = await askedUntilHeard(async () => {
    const before = busySeconds();
    const said = await stage.ask(load.argv(targets[way], ports, seconds), seconds * 1000 + 20_000);
    const busy = busySeconds() - before;
    return { busy, loaded: load.parse(said) };
  });
  const { done, rate, half, most, failed } = loaded;
  if (failed > mostFailures * done) throw new RangeError(`${load.name}, ${way}: ${failed} of ${done} failed`);
  return {
    rate,
    work: busy / done,
    ...(half !== undefined && { half }),
    ...(most !== undefined && { most }),
  };
}

/** A server of iperf3 has one client at a time, and is not done with the last one at once. */
async function askedUntilHeard<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === mostAttempts || !messageOf(error).includes('the server is busy')) throw error;
      await setTimeout(50);
    }
  }
}
