/** flock(2): an advisory lock that ends with the process, however it ends. */

import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { SystemCallError } from './errno.ts';
import { errno, libc } from './ffi.ts';

const flock = libc<[number, number], number>('int flock(int fd, int operation)');
const LOCK_EX_NB = 2 | 4;
const EWOULDBLOCK = 11;

/**
 * Creates the file if need be, locks it for the rest of this process, and writes the process's number into it. False when
 * another holds it.
 */
export function lockFile(path: string): boolean {
  const fd = openSync(path, 'a', 0o600);
  if (flock(fd, LOCK_EX_NB) === 0) {
    if (isFile(path, fstatSync(fd).ino)) {
      ftruncateSync(fd);
      writeSync(fd, `${process.pid}\n`);
      return true;
    }
    // Its last holder has removed it meanwhile, and another may stand in its place.
    closeSync(fd);
    return lockFile(path);
  }
  const error = errno();
  closeSync(fd);
  if (error === EWOULDBLOCK) return false;
  throw new SystemCallError(`flock(${path})`, error);
}

/** The process that has locked the file, by its number; `undefined` where it has not said so yet, or nobody has. */
export function lockHolder(path: string): number | undefined {
  const fd = openExisting(path);
  if (fd === undefined) return undefined;
  try {
    const pid = /^(\d+)\n$/.exec(readFileSync(fd, 'utf8'))?.[1];
    return pid === undefined ? undefined : Number(pid);
  } finally {
    closeSync(fd);
  }
}

/** Whether another process holds a lock on the file; an absent file is not locked. */
export function isLocked(path: string): boolean {
  const fd = openExisting(path);
  if (fd === undefined) return false;
  const free = flock(fd, LOCK_EX_NB) === 0;
  closeSync(fd);
  return !free;
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isFile(path: string, inode: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === inode;
}
