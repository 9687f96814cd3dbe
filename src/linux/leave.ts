/** The end of this process where a thread of libuv's pool may hang in a system call. */

import { setTimeout as sleep } from 'node:timers/promises';

const stepMilliseconds = 10;
const patienceSteps = 100;

/**
 * exit() waits for those threads, for as long as a file system that hangs likes. What has not come back after a second hangs:
 * there only a signal ends the process, whose status is that of the signal then. What is still to be said must have been said.
 */
export async function leave(
  code: number,
  pause: () => Promise<unknown> = () => sleep(stepMilliseconds),
): Promise<never> {
  for (let step = 0; step < patienceSteps && isAtFiles(); step++) await pause();
  if (isAtFiles()) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

/** Whether a call for a file is under way. */
function isAtFiles(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'));
}
