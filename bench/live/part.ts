/** Frames fed as a driver feeds them, through one veth into a director and out of another, all on one CPU. */

import { setImmediate as others } from 'node:timers/promises';
import type { Part, PartRun } from '../part.ts';
import { pinned } from '../pinned.ts';
import { establish } from './establish.ts';
import { figuresOf, type Round } from './figures.ts';
import { hasIpvs, openIpvs } from './ipvs.ts';
import { endStack, type LiveWire, openDirected, openWire } from './stage.ts';

export const livePart: Part = {
  name: 'live',
  rounds: [15, 5],
  measure: (run) => pinned(() => measure(run)),
};

/** Flows of one director each. */
const flowNumbers = [1024, 65_536] as const;
const roomForAll = 131_072;
const framesOfTurn = { usual: 1 << 18, quick: 1 << 16 };

type Contestant = {
  readonly name: keyof Round;
  readonly wire: LiveWire;
  readonly flows: number;
  prepare?(): void;
};

async function measure({ rounds, isQuick, hasTime, signal, report }: PartRun): Promise<void> {
  const opened: LiveWire[] = [];
  const open = <T extends LiveWire>(wire: T): T => {
    opened.push(wire);
    return wire;
  };
  try {
    const contestants = [...bare(open), ...directed(open), ...ipvs(open)];
    const frames = isQuick ? framesOfTurn.quick : framesOfTurn.usual;
    const measured: Round[] = [];
    for (let number = 0; number < rounds && (number === 0 || hasTime()); number++) {
      const round: Partial<Record<keyof Round, number>> = {};
      for (const each of contestants) {
        await others();
        signal.throwIfAborted();
        round[each.name] = nanoseconds(each, frames);
      }
      measured.push(round as Round);
    }
    for (const figure of figuresOf('live frames', measured)) report(figure);
  } finally {
    for (const wire of opened) wire.close();
  }
}

type Open = <T extends LiveWire>(wire: T) => T;

function bare(open: Open): readonly Contestant[] {
  const wire = open(openWire());
  wire.receive('fl_live_pass');
  endStack(wire, 'arriving');
  const behind = (program: Parameters<LiveWire['receive']>[0]) => ({
    wire,
    flows: flowNumbers[0],
    prepare: () => wire.receive(program),
  });
  return [
    { name: 'generator', ...behind('fl_live_drop') },
    { name: 'redirect', ...behind('fl_live_redirect') },
    { name: 'socket buffer', ...behind('fl_live_pass') },
  ];
}

function directed(open: Open): readonly Contestant[] {
  return flowNumbers.map((flows) => {
    const wire = open(openDirected(roomForAll));
    establish(wire, flows);
    return { name: `Fairlead ${flows}` as const, wire, flows };
  });
}

function ipvs(open: Open): readonly Contestant[] {
  if (!hasIpvs()) return [];
  return flowNumbers.map((flows) => {
    const wire = open(openIpvs());
    // No more at a time than the veth's ring holds: a SYN that is lost makes no connection.
    for (let from = 0; from < flows; from += portion)
      for (const flags of ['SYN', 'ACK'] as const)
        wire.wire.outside(() => wire.source.send({ flows, flags, from }, portion));
    return { name: `IPVS ${flows}` as const, wire, flows };
  });
}

const portion = 64;

/**
 * Those of a turn that may be lost: the veth's ring is 256 frames long, and the machine has other things to do. IPVS may
 * lose more in an emulated machine, which takes it longer than the kernel gives soft interrupts; lost ones count as if it
 * had handled them.
 */
const mostLost = { ipvs: 0.25, others: 0.01 };
const attempts = 3;

/** Of a frame. Throws when frames did not go their way. */
function nanoseconds({ name, wire, flows, prepare }: Contestant, frames: number): number {
  prepare?.();
  let last = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { nanoseconds, atSink, inStack } = wire.wire.outside(() => {
      wire.source.send({ flows, flags: 'ACK' }, flows);
      return wire.source.send({ flows, flags: 'ACK' }, frames);
    });
    last = atSink + inStack;
    if (last >= (1 - lossOf(name)) * frames) return nanoseconds / frames;
  }
  throw new Error(`${name}: of ${frames} live frames ${last} arrived`);
}

function lossOf(name: keyof Round): number {
  return name.startsWith('IPVS') ? mostLost.ipvs : mostLost.others;
}
