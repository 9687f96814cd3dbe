/** The director's programs packet by packet, BPF_PROG_TEST_RUN, in turns with a program that swaps MACs. */

import { setImmediate as others } from 'node:timers/promises';
import type { Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { pinned } from '../pinned.ts';
import { packetCases } from './cases.ts';
import { type Measured, measureCase } from './measure.ts';

export const perPacketPart: Part = {
  name: 'per-packet',
  rounds: [21, 5],
  measure: ({ rounds, isQuick, only, hasTime, leaveOut, signal, report }) =>
    pinned(async () => {
      for (const each of packetCases) {
        if (!each.name.includes(only) || (isQuick && each.atMost === undefined)) continue;
        await others();
        signal.throwIfAborted();
        if (!hasTime()) leaveOut(each.name);
        else report(figureOf(measureCase(each, rounds)));
      }
    }),
};

function figureOf({ name, nanoseconds, ratios }: Measured): Figure {
  return { name, value: nanoseconds, unit: 'ns', ratios };
}
