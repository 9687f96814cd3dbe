/** Waiting until a real server has nothing to do. Time comes from outside. */

import type { Load } from './load.ts';

export type WaitModules = {
  /** What there is to do now. */
  readonly ask: () => Promise<Load>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Rejects when the work is interrupted. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** Told each time it was asked, with the time since the beginning. */
  readonly progress: (load: Load, elapsedMs: number) => void;
};

export type Waited = { readonly isIdle: boolean; readonly load: Load; readonly elapsedMs: number };

const pauseMs = 1000;

/** Ends when nothing is open any more, or with the deadline, if there is one. */
export async function waitUntilIdle(
  { ask, now, sleep, progress }: WaitModules,
  deadlineMs: number | undefined,
): Promise<Waited> {
  const began = now();
  for (;;) {
    const load = await ask();
    const elapsedMs = now() - began;
    progress(load, elapsedMs);
    if (load.open === 0) return { isIdle: true, load, elapsedMs };
    const left = deadlineMs === undefined ? pauseMs : deadlineMs - elapsedMs;
    if (left <= 0) return { isIdle: false, load, elapsedMs };
    await sleep(Math.min(pauseMs, left));
  }
}
