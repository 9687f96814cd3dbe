/** What a command says that wants a director and does not start one. */

/** As systemctl and the LSB have it for a service that does not run. */
export const notRunningStatus = 3;

/** `remedy`: what starts one, where that is what is wanted. */
export function notRunning(remedy?: string): void {
  const hint = remedy === undefined ? '' : `; ${remedy} starts it`;
  process.stderr.write(`no director runs in this network namespace${hint}\n`);
  process.exitCode = notRunningStatus;
}
