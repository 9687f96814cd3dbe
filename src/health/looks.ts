/**
 * Looks at files that may never come back: those of a network file system that hangs, for one. Each holds a thread of libuv's
 * pool for as long, of which there are few. So one look is made in a directory at a time, and only so many in all; who looks
 * there besides waits behind it, who looks at the same file hears the same, and those in other directories go on.
 */

import { dirname } from 'node:path';

export type Looks = {
  /** Looks at a file when it is its turn. Rejects as the look does, and at once where too many directories hang already. */
  at<T>(file: string, look: (file: string) => Promise<T>): Promise<T>;
};

/** `most`: directories that may hang at a time; fewer than the pool has threads. */
export function createLooks(most: number): Looks {
  /** The last look in each directory. */
  const last = new Map<string, Promise<unknown>>();
  /** By what is looked for, and the file. */
  const underWay = new Map<unknown, Map<string, Promise<unknown>>>();
  const begin = async <T>(file: string, look: (file: string) => Promise<T>): Promise<T> => {
    const directory = dirname(file);
    const before = last.get(directory);
    if (!before && last.size >= most) throw new Error(`${last.size} directories do not answer`);
    const outcome = before ? before.then(() => look(file)) : look(file);
    const over = outcome.catch(() => undefined);
    last.set(directory, over);
    await over;
    if (last.get(directory) === over) last.delete(directory);
    return await outcome;
  };
  return {
    at<T>(file: string, look: (file: string) => Promise<T>): Promise<T> {
      const files = underWay.get(look) ?? new Map<string, Promise<unknown>>();
      underWay.set(look, files);
      const known = files.get(file);
      if (known) return known as Promise<T>;
      const outcome = begin(file, look).finally(() => files.delete(file));
      files.set(file, outcome);
      return outcome;
    },
  };
}
