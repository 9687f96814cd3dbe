/** ^C and its kin, as an AbortSignal: work that is interrupted still tidies up. */

import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Why the work's signal fired. `exitCode` is 128 + the number of the signal. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(name: (typeof signals)[number] | 'SIGPIPE') {
    super(name === 'SIGPIPE' ? 'nobody reads what I print' : `interrupted (${name})`);
    this.name = 'Interrupted';
    this.exitCode = 128 + constants.signals[name];
  }
}

/** Whether the work ended because nobody reads what it prints, which other programs say nothing of either. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Interrupted && error.exitCode === 128 + constants.signals.SIGPIPE;
}

/**
 * Runs `work`; its signal fires, with Interrupted as the reason, on the first ^C, SIGTERM or SIGHUP, and when
 * the reader of our output has gone. On a second one the process ends at once: the reaper does the rest.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (name: (typeof signals)[number] | 'SIGPIPE') => {
    const reason = new Interrupted(name);
    if (controller.signal.aborted && name !== 'SIGPIPE') process.exit(reason.exitCode);
    controller.abort(reason);
  };
  const readerGone = () => interrupt('SIGPIPE');
  for (const name of signals) process.on(name, interrupt);
  process.stdout.on('error', readerGone);
  try {
    return await work(controller.signal);
  } catch (error) {
    // Whatever failed then, failed because of it; Node's own timers reject with an AbortError of their own.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const name of signals) process.off(name, interrupt);
    process.stdout.off('error', readerGone);
  }
}
