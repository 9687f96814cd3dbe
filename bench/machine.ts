/** What a benchmark ran on. */

import { cpus, release, totalmem } from 'node:os';

export type Machine = {
  readonly kernel: string;
  readonly cpu: string;
  readonly cpus: number;
  /** GiB. */
  readonly memory: number;
};

export function thisMachine(): Machine {
  const all = cpus();
  return {
    kernel: `Linux ${release()}`,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cpus: all.length,
    memory: Math.round(totalmem() / 2 ** 30),
  };
}
