/** Descriptors a process was started with. */

import { closeSync, readdirSync, readFileSync } from 'node:fs';

const O_CLOEXEC = 0o2000000;

/**
 * Closes what was inherited beyond `last`. Node opens everything of its own close-on-exec (proc(5), fdinfo),
 * which nothing inherited is. To be called before any other library has opened something.
 */
export function closeInherited(last: number): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd > last && isInherited(fd)) closeSync(fd);
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false; // it was the directory's own
  }
}
