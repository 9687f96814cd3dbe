/**
 * Where the time of a packet goes: the thread that runs the programs is looked at every so often, and the instruction it is
 * met at belongs to a line of C. The shares are of the director alone, and times are those shares of what a packet takes that
 * nobody looks at.
 */

import { setImmediate as others } from 'node:timers/promises';
import { linesOfProgram } from '../../src/linux/bpf-lines.ts';
import { sampled } from '../../src/linux/cpu-samples.ts';
import type { Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { type PacketCase, packetCases } from '../per-packet/cases.ts';
import { floorBehindTraffic, onStage, turn, turnWithFloor } from '../per-packet/measure.ts';
import type { Stage } from '../per-packet/stage.ts';
import { pinned } from '../pinned.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { kernelFunctions } from './kernel.ts';
import { measureLoads } from './loads.ts';
import { counted, type Share, sharesOf } from './shares.ts';
import { functionsOfSources } from './source.ts';

export const profilePart: Part = {
  name: 'profile',
  rounds: [48, 8],
  measure: ({ rounds, only, hasTime, leaveOut, signal, report }) =>
    pinned(async () => {
      for (const each of packetCases.filter(({ name, isProfiled }) => isProfiled && name.includes(only))) {
        await others();
        signal.throwIfAborted();
        if (!hasTime()) {
          leaveOut(each.name);
          continue;
        }
        for (const figure of onStage(each, (stage) => profile(stage, each, rounds))) report(figure);
      }
      if (!memory.includes(only)) return;
      await others();
      signal.throwIfAborted();
      if (hasTime()) measureLoads(Math.ceil(rounds / 3), report);
      else leaveOut(memory);
    }),
};

/** What `--only` knows loads by. */
const memory = 'memory';
/** Nanoseconds between two looks: a look takes a few hundred, and leaves caches less warm. */
const interval = 50_000;
/** Of a packet: less is not worth a row. */
const least = 0.02;

function profile(stage: Stage, each: PacketCase, rounds: number): readonly Figure[] {
  const nameOf = namesFor(stage, each);
  const [around, met]: [string[], string[]] = [[], []];
  const look = <T>(names: string[], run: () => T): T => {
    const { result, addresses } = sampled(run, interval);
    for (const address of addresses) names.push(nameOf(address));
    return result;
  };
  const unseen = Array.from({ length: rounds }, () => {
    look(around, () => floorBehindTraffic(stage, each));
    turn(stage, each, (run) => look(met, run));
    return turnWithFloor(stage, each).nanoseconds;
  });
  const shares = sharesOf(counted(met), new Set(around), least);
  return shares.map((share) => figureOf(each, share, spreadOf(unseen)));
}

/** Addresses are many, and the same again and again. */
function namesFor(stage: Stage, { hook }: PacketCase): (address: bigint) => string {
  const known = new Map<bigint, string>();
  const lineOf = linesOfProgram(stage.program(hook));
  const functionOf = functionsOfSources();
  const kernelFunctionOf = kernelFunctions();
  return (address) => {
    const line = known.has(address) ? undefined : lineOf(address);
    const name = known.get(address) ?? (line ? functionOf(line) : `kernel: ${kernelFunctionOf(address)}`);
    known.set(address, name);
    return name;
  };
}

function figureOf(each: PacketCase, { name, share }: Share, { median }: Spread): Figure {
  const exactly = (value: number): Spread => ({ median: value, low: value, high: value });
  return {
    name: `${each.name}: ${name}`,
    value: exactly(share * median),
    unit: 'ns',
    ratios: [{ to: 'the whole packet', value: exactly(share) }],
  };
}
