/**
 * How one daemon follows another: whoever holds the lock of a namespace is its director. The one that comes asks the one
 * that is there to go, which answers what it was asked until then; packets need neither of them meanwhile.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { FairleadError } from '../ipvs/errors.ts';
import { lockFile, lockHolder } from '../linux/flock.ts';

/** Longer than a daemon takes to close (api/server.ts). */
const patienceMilliseconds = 20_000;
/** Shorter than a command's own daemon takes to start. */
const pauseMilliseconds = 2;

/** Resolves with the lock held for the rest of this process. Throws DIRECTOR_UNREACHABLE where the other does not go. */
export async function takeOver(path: string): Promise<void> {
  const asked = new Set<number>();
  const deadline = performance.now() + patienceMilliseconds;
  while (!lockFile(path)) {
    const holder = lockHolder(path);
    if (performance.now() > deadline)
      throw new FairleadError(
        'DIRECTOR_UNREACHABLE',
        `process ${holder ?? '(unknown)'} holds ${path}, and does not give way`,
      );
    if (holder !== undefined && !asked.has(holder)) {
      asked.add(holder);
      askToGo(holder);
    }
    await sleep(pauseMilliseconds);
  }
}

function askToGo(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has gone by itself
  }
}
