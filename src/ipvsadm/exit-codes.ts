/** What ipvsadm answers to its caller, and how the director's refusals read there (ipvsadm 1.31). */

import { type ErrorCode, errorTable, FairleadError, messageOf } from '../ipvs/errors.ts';

export const exitCode = {
  ok: 0,
  /** A listing failed. */
  listing: 1,
  /** The command line makes no sense, or nothing can be reached that could obey it. */
  usage: 2,
  /** The director refused, or the word splitting did; -1 as a process sees it. */
  refused: 255,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** How a run ended. `stderr` is empty or ends in a newline. */
export type Ending = { readonly stderr: string; readonly code: ExitCode };

/** Codes that mean no director could be brought up, whatever was asked of it. */
const unreachable: ReadonlySet<ErrorCode> = new Set([
  'NOT_ROOT',
  'NO_BPF',
  'NO_LIBRARY',
  'FOREIGN_DATA_PLANE',
  'DIRECTOR_UNREACHABLE',
  'NAMESPACE_GONE',
] as const);

/** The codes whose sentence scripts know by heart; a detail behind it would break their match. */
const verbatim: ReadonlySet<ErrorCode> = new Set([
  'SERVICE_EXISTS',
  'SERVICE_NOT_FOUND',
  'SERVICE_NOT_DEFINED',
  'SCHEDULER_NOT_FOUND',
  'DESTINATION_EXISTS',
  'DESTINATION_NOT_FOUND',
  'DESTINATION_NOT_UNICAST',
  'DESTINATION_FAMILY',
  'TUNNEL_INVALID',
  'SERVICE_INVALID',
  'THRESHOLDS_OUT_OF_RANGE',
  'NO_SYNC_DAEMON',
  'SYNC_DAEMON_EXISTS',
  'SYNC_INTERFACE_NOT_FOUND',
  'SYNC_INTERFACE_DOWN',
  'SYNC_MIXED_FAMILIES',
  'OUT_OF_MEMORY',
] as const);

/**
 * One line on stderr and the exit code for what went wrong. `refused` is the code of a plain refusal:
 * 1 while listing, else 255.
 */
export function endingOf(error: unknown, refused: ExitCode = exitCode.refused): Ending {
  if (!(error instanceof FairleadError)) {
    return { stderr: oneLine(messageOf(error)), code: exitCode.usage };
  }
  const message = verbatim.has(error.code) ? errorTable[error.code].message : error.message;
  return { stderr: oneLine(message), code: unreachable.has(error.code) ? exitCode.usage : refused };
}

function oneLine(text: string): string {
  return `${text.trim().replace(/\s*\n\s*/g, ' ')}\n`;
}
