/** Counters: sums over CPUs, less what they were when last zeroed. */

import type { Counters } from '../../../ipvs/service.ts';
import { flCounts } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import type { PerCpuArray } from '../maps.ts';

export type Counts = Decoded<typeof flCounts>;
export type CountsMap = PerCpuArray<typeof flCounts>;

export const noCounts: Counts = {
  connections: 0n,
  inPackets: 0n,
  inBytes: 0n,
  outPackets: 0n,
  outBytes: 0n,
};

/** All that was ever counted in a slot. */
export function totalCounts(map: CountsMap, slot: number): Counts {
  return map.get(slot).reduce((sum, cpu) => combine(sum, cpu, (a, b) => a + b), noCounts);
}

/** The same of every slot below `end`, read at once. */
export function allTotalCounts(map: CountsMap, end: number): (slot: number) => Counts {
  const words = new BigUint64Array(map.bytes(end).buffer);
  const perValue = flCounts.size / 8;
  const perSlot = perValue * map.cpus;
  return (slot) => {
    const from = slot * perSlot;
    const total = (name: keyof Counts): bigint => {
      let sum = 0n;
      for (let at = from + flCounts.fields[name].offset / 8; at < from + perSlot; at += perValue)
        sum += words[at] ?? 0n;
      return sum;
    };
    return {
      connections: total('connections'),
      inPackets: total('inPackets'),
      inBytes: total('inBytes'),
      outPackets: total('outPackets'),
      outBytes: total('outBytes'),
    };
  };
}

/** What --stats shows: the total since the counters were zeroed. */
export function countersSince(total: Counts, zeroed: Counts): Counters {
  const since = combine(total, zeroed, (a, b) => a - b);
  return {
    connections: Number(since.connections),
    inPackets: Number(since.inPackets),
    outPackets: Number(since.outPackets),
    inBytes: Number(since.inBytes),
    outBytes: Number(since.outBytes),
  };
}

function combine(a: Counts, b: Counts, by: (a: bigint, b: bigint) => bigint): Counts {
  return {
    connections: by(a.connections, b.connections),
    inPackets: by(a.inPackets, b.inPackets),
    inBytes: by(a.inBytes, b.inBytes),
    outPackets: by(a.outPackets, b.outPackets),
    outBytes: by(a.outBytes, b.outBytes),
  };
}
