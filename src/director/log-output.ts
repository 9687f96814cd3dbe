/**
 * Where a daemon's log goes: standard error, which is the journal's, a terminal, or a file. A file is kept small, since
 * nobody else looks after the one in the run directory.
 */

import { fstatSync, ftruncateSync, readSync, type Stats, writeSync } from 'node:fs';
import { createLogger, type Logger } from '../ipvs/log.ts';
import type { DaemonOptions } from './options.ts';

const stderrFd = 2;

/** As large as a log file gets; the older half goes then. */
const mostLogBytes = 1 << 20;

export function openLog(
  { logLevel, logFormat }: Pick<DaemonOptions, 'logLevel' | 'logFormat'>,
  environment: Readonly<Record<string, string | undefined>>,
): Logger {
  const stats = fstatSync(stderrFd);
  const isJournal = leadsToJournal(stats, environment['JOURNAL_STREAM']);
  const format = logFormat ?? (isJournal ? 'json' : 'text');
  return createLogger(
    { level: logLevel, format, priorities: isJournal },
    { write: stats.isFile() ? (line) => writeBounded(stderrFd, line) : write, now: () => new Date() },
  );
}

/** JOURNAL_STREAM is `device:inode` of what systemd has connected (systemd.exec(5)); it may be something else by now. */
function leadsToJournal({ dev, ino }: Stats, stream: string | undefined): boolean {
  return stream === `${dev}:${ino}`;
}

/** A log that cannot be written to (nobody reads it, the disk is full) is no reason to fail. */
function write(line: string): void {
  try {
    writeSync(stderrFd, line);
  } catch {
    // There is nobody to tell.
  }
}

/** Appends to a file opened for reading and appending; keeps its newer half, in whole lines, when it is full. */
export function writeBounded(fd: number, line: string, most: number = mostLogBytes): void {
  try {
    const { size } = fstatSync(fd);
    if (size + Buffer.byteLength(line) > most) {
      const kept = Buffer.alloc(Math.min(size, most >> 1));
      const length = readSync(fd, kept, 0, kept.length, size - kept.length);
      const newer = kept.subarray(0, length);
      ftruncateSync(fd);
      writeSync(fd, newer.subarray(newer.indexOf('\n') + 1));
    }
    writeSync(fd, line);
  } catch {
    // As above.
  }
}
