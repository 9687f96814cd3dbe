/** What a failed command says and ends with. 1: it failed. 2: it cannot work here, or was called wrongly. 128 + n: a signal. */

import { FairleadError } from '../ipvs/errors.ts';
import { LabError } from '../lab/errors.ts';
import { Interrupted } from './interruptible.ts';

/** One line for a person; for a fault of ours, the stack, which is what a report of it needs. */
export function errorLine(error: unknown): string {
  // The table's sentence is ipvsadm's own, which scripts match.
  if (error instanceof FairleadError && error.code === 'NOT_ROOT')
    return 'this must be run as root (try sudo)';
  // A command asks for nothing that a daemon of its own version has not.
  if (error instanceof FairleadError && error.code === 'ROUTE_NOT_FOUND')
    return `the daemon here is of another version, without ${error.detail ?? 'what is asked for'}: \`fairlead upgrade\` replaces it`;
  const expected =
    error instanceof FairleadError || error instanceof LabError || error instanceof Interrupted;
  if (!(error instanceof Error)) return String(error);
  return expected || 'code' in error ? error.message : (error.stack ?? error.message);
}

/** The exit code that goes with an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof LabError || error instanceof Interrupted ? error.exitCode : 1;
}
