/**
 * The helper that outlives a killed owner. It reads from a pipe of which only the owner holds the other
 * end; the kernel closes that end however the owner dies, and then the lab is taken down.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { binDirectory } from './package-root.ts';
import { readRecord } from './record.ts';
import { tearDown } from './teardown.ts';

export type Reaper = {
  /** Lets go of the reaper and waits, at most two seconds, until it has ended. */
  dismiss(): Promise<void>;
};

const endsWithinMs = 2_000;

/** Starts the reaper of lab `id`, in a session of its own: no signal meant for us reaches it. */
export async function startReaper(id: string): Promise<Reaper> {
  const argv = [join(binDirectory, 'fairlead'), 'lab', 'reap', id];
  const child = spawn(process.execPath, argv, {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  child.stdin.on('error', () => undefined);
  child.unref();
  return {
    async dismiss() {
      child.ref();
      child.stdin.destroy();
      const tooLate = new AbortController();
      await Promise.race([ended, sleep(endsWithinMs, undefined, { signal: tooLate.signal })]);
      tooLate.abort();
    },
  };
}

/** The reaper itself: waits for the owner's end, then takes the lab down unless it is to stay. */
export async function reap(id: string, ownersEnd: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of ownersEnd);
  if (!readRecord(id)?.standing) await tearDown(id);
}
