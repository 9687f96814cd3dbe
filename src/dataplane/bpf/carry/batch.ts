/** Entries on their way into our tables: so many at a time as the map `carried` has room for (bpf/lib/carry.h). */

import { mapUpdate } from '../../../linux/bpf-map.ts';
import { runSystemProgram } from '../../../linux/bpf-test-run.ts';
import type { Fd } from '../../../linux/libbpf.ts';
import { FlLimit, flCarry } from '../abi.gen.ts';
import { decode, encode } from '../layout.ts';
import { arrayKey } from '../maps.ts';

export type Batch = {
  /** Where the next entry is to be written, all zeros: a view that is valid until the next one, and an offset in it. */
  next(): { readonly to: DataView; readonly at: number };
  /** Runs the program on what waits. */
  flush(): void;
  /** Entries so far, and those of them for which there was no room. */
  taken(): { readonly entries: number; readonly refused: number };
};

export type BatchModules = {
  readonly carried: Fd;
  readonly program: Fd;
  /** Octets of an entry. */
  readonly size: number;
  readonly againFrom: bigint;
  readonly serialsFrom: number;
};

export function createBatch({ carried, program, size, againFrom, serialsFrom }: BatchModules): Batch {
  const octets = new Uint8Array(FlLimit.FL_LIMIT_CARRY_OCTETS);
  const to = new DataView(octets.buffer);
  const room = Math.floor(octets.length / size);
  let count = 0;
  let entries = 0;
  let refused = 0;
  const flush = (): void => {
    if (count === 0) return;
    mapUpdate(carried, arrayKey(0), octets);
    const context = encode(flCarry, { againFrom, count: BigInt(count), serialsFrom });
    runSystemProgram(program, context);
    refused += decode(flCarry, context).refused;
    octets.fill(0);
    entries += count;
    count = 0;
  };
  return {
    next() {
      if (count === room) flush();
      return { to, at: count++ * size };
    },
    flush,
    taken: () => ({ entries, refused }),
  };
}
