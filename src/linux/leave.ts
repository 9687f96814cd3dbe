/** The end of this process where a thread of libuv's pool may hang in a system call. */

/**
 * exit() waits for those threads, for as long as a file system that hangs likes: there only a signal ends the process, whose
 * status is that of the signal then. What is still to be said must have been said.
 */
export function leave(code: number): never {
  const hangs = process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'));
  if (hangs) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}
