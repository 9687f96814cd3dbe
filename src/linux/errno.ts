/** System errors by name, so that a message says which call failed and why. */

import { getSystemErrorMap } from 'node:util';
import { FairleadError } from '../ipvs/errors.ts';

export const EPERM = 1;
export const ENOENT = 2;
export const EAGAIN = 11;
export const EEXIST = 17;
export const ENOSPC = 28;
export const ENOSYS = 38;

/** `ENOENT (no such file or directory)`, for positive or negative error numbers. */
export function errnoText(error: number): string {
  const known = getSystemErrorMap().get(-Math.abs(error));
  return known ? `${known[0]} (${known[1]})` : `errno ${Math.abs(error)}`;
}

/** A system call that failed. `error` is its errno, positive or negative. */
export class SystemCallError extends FairleadError {
  readonly errno: number;

  constructor(call: string, error: number) {
    super('SYSTEM_CALL', `${call}: ${errnoText(error)}`);
    this.errno = Math.abs(error);
  }
}

/** Passes a result through; a negative one is -errno (the convention of libbpf 1.x) and throws. */
export function checked(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, result);
  return result;
}
