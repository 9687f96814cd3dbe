/** What a command says that wants a director and does not start one. */

/** As systemctl and the LSB have it for a service that does not run. */
export const notRunningStatus = 3;

/** `remedy`: what starts one. */
export function notRunning(remedy: string): void {
  process.stderr.write(`no director runs in this network namespace; ${remedy} starts it\n`);
  process.exitCode = notRunningStatus;
}
