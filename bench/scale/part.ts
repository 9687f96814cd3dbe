/** What a director takes when it is large. `--only` knows memory, changes, connections and clients meanwhile. */

import type { Part } from '../part.ts';
import { pinned } from '../pinned.ts';
import { measureChanges, measureMemory } from './configuration.ts';
import { measureConnections } from './connections.ts';
import { measureMeanwhile } from './meanwhile.ts';

export const scalePart: Part = {
  name: 'scale',
  rounds: [15, 5],
  async measure({ rounds, isQuick, only, hasTime, leaveOut, signal, report }) {
    const wants = (name: string): boolean => {
      if (!name.includes(only)) return false;
      const isTime = hasTime();
      if (!isTime) leaveOut(name);
      return isTime;
    };
    await pinned(async () => {
      if (wants('memory')) measureMemory(isQuick ? 1000 : 5000, 10, report);
      if (wants('changes')) measureChanges(rounds, report);
      for (const flows of wants('connections') ? flowNumbers[isQuick ? 'quick' : 'usual'] : []) {
        signal.throwIfAborted();
        await measureConnections(flows, signal, report);
      }
    });
    if (wants('clients meanwhile'))
      await measureMeanwhile(isQuick ? 1 : Math.ceil(rounds / 3), isQuick ? 1 : 3, signal, report);
  },
};

const flowNumbers = { usual: [1_000_000, 10_000_000], quick: [100_000] } as const;
