/**
 * Files that somebody has named. There may be something else of that name, and reading it may have no end: a pipe waits for
 * whoever writes into it, with the whole process or a thread of its few.
 */

import { readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** Why a file cannot be read, in a line: its name and what is the matter. `code` is errno's name, or NOT_A_FILE. */
export class UnreadableFile extends Error {
  readonly code: string;

  constructor(path: string, code: string, why: string, cause?: unknown) {
    super(`${path}: ${why}`, { cause });
    this.name = 'UnreadableFile';
    this.code = code;
  }
}

/** Rejects with UnreadableFile. */
export async function readNamed(path: string): Promise<Buffer> {
  try {
    refuseOthers(path, await stat(path));
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Throws UnreadableFile. */
export function readNamedSync(path: string): Buffer {
  try {
    refuseOthers(path, statSync(path));
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Throws UnreadableFile for what is no file. */
export function refuseOthers(path: string, stats: Stats): void {
  const kind = kindOf(stats);
  if (kind !== undefined)
    throw new UnreadableFile(path, 'NOT_A_FILE', `it is a ${kind}, and not a file: name a file`);
}

function kindOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'directory';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
};

function unreadable(path: string, error: unknown): UnreadableFile {
  if (error instanceof UnreadableFile) return error;
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return new UnreadableFile(path, code, reasons[code] ?? `${syscall}: ${code}`, error);
}
