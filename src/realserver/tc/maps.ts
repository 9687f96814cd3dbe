/** The maps that a program at TC holds, by name: read without the object that they came from. */

import { mapLookup, possibleCpus } from '../../linux/bpf-map.ts';
import { closeFd, programMaps } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';

/** Runs the action with descriptors of those of the program's maps that have one of these names. */
export function withMaps<Name extends string, T>(
  program: Fd | undefined,
  names: readonly Name[],
  action: (maps: ReadonlyMap<Name, Fd>) => T,
): T {
  const found = program === undefined ? new Map<Name, Fd>() : programMaps(program, names);
  try {
    return action(found);
  } finally {
    for (const fd of found.values()) closeFd(fd);
  }
}

/** One element of a per-CPU array of 64-bit counters, over all CPUs; 0 without a map. */
export function readCounter(fd: Fd | undefined, index: number): number {
  const values = new BigUint64Array(possibleCpus());
  if (fd !== undefined)
    mapLookup(fd, new Uint8Array(Uint32Array.of(index).buffer), new Uint8Array(values.buffer));
  return Number(values.reduce((sum, value) => sum + value, 0n));
}
