/** Established flows while a SYN flood goes on: frames as a driver feeds them, the flood's on a CPU of its own. */

import { cpus } from 'node:os';
import { setImmediate as others, setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../../src/lab/errors.ts';
import { establish } from '../live/establish.ts';
import { type DirectedWire, endStack, openDirected, overflowed } from '../live/stage.ts';
import type { Part, PartRun } from '../part.ts';
import { pinned } from '../pinned.ts';
import { figuresOf, type Round, type Turn } from './figures.ts';
import { type Flooded, spawnFlood } from './flood.ts';

export const churnPart: Part = {
  name: 'churn',
  rounds: [9, 3],
  measure: (run) => pinned(() => measure(run)),
};

const flowNumbers = [1024, 65_536] as const;
/** As many as a namespace has unless told otherwise. */
const room = 1_048_576;
const framesOfTurn = { usual: 1 << 20, quick: 1 << 18 };
const lookMilliseconds = 10;
const mostLooks = 100;
/** `pinned` takes the first. */
const floodCpu = 1;

async function measure(run: PartRun): Promise<void> {
  if (cpus().length <= floodCpu) throw new LabError('churn takes two CPUs: one for the flood', 2);
  for (const flows of run.isQuick ? flowNumbers.slice(0, 1) : flowNumbers) {
    const wire = openDirected(room);
    try {
      // The flood's end: behind the director, and not in the ring of the veth that established flows leave by.
      endStack(wire, 'leaving SYNs');
      establish(wire, flows);
      const measured: Round[] = [];
      for (let number = 0; number < run.rounds && (number === 0 || run.hasTime()); number++)
        measured.push(await round(wire, flows, run));
      for (const figure of figuresOf(flows, measured)) run.report(figure);
    } finally {
      wire.close();
    }
  }
}

async function round(wire: DirectedWire, flows: number, { isQuick, signal }: PartRun): Promise<Round> {
  const frames = isQuick ? framesOfTurn.quick : framesOfTurn.usual;
  await others();
  signal.throwIfAborted();
  const alone = await turn(wire, flows, frames);
  const begin = wire.wire.outside(() => spawnFlood('eth1', floodCpu));
  const going = await begin();
  let beside: Turn;
  let flooded: Flooded;
  try {
    beside = await turn(wire, flows, frames);
  } finally {
    flooded = await going.stop();
  }
  wire.wire.inside(() => wire.plane.sweep());
  return { alone, beside, flooded };
}

async function turn(directed: DirectedWire, flows: number, frames: number): Promise<Turn> {
  const { wire, source } = directed;
  wire.outside(() => source.send({ flows, flags: 'ACK' }, flows));
  const [arrivedBefore, countedBefore] = [source.atSink(), counted(directed)];
  const { nanoseconds } = wire.outside(() => source.send({ flows, flags: 'ACK' }, frames));
  const lost = (): number => frames - (source.atSink() - arrivedBefore);
  const nowhere = (): number => Math.max(0, lost() - (counted(directed) - countedBefore));
  // What still stands in a ring is not lost.
  for (let look = 0; look < mostLooks && nowhere() > 0; look++) await sleep(lookMilliseconds);
  return { nanoseconds: nanoseconds / frames, lost: lost(), nowhere: nowhere() };
}

/** Frames that have not come through so far, and are counted: in rings that had no room, and by the director. */
function counted(directed: DirectedWire): number {
  const refused = directed.wire.inside(() => Object.values(directed.plane.notForwarded()));
  return refused.reduce((sum, { packets }) => sum + packets, overflowed(directed));
}
