/** What killed daemons of namespaces that have gone left in the run directory: nobody else is there to remove it. */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockPath, runDirectory } from '../api/paths.ts';
import { isLocked } from '../linux/flock.ts';
import { currentNamespace, findNamespace } from '../linux/namespace.ts';

/**
 * A namespace that exists, or whose daemon lives, keeps its files. The namespace this daemon has made to live
 * in may well have got the number of one that has just gone; no director serves it.
 */
export function sweepRunDirectory(): void {
  const home = currentNamespace();
  const names = readdirSync(runDirectory);
  const numbers = names.map((name) => /^(\d+)\./.exec(name)?.[1]);
  for (const inode of new Set(numbers.flatMap((number) => (number === undefined ? [] : Number(number))))) {
    if (inode !== home && findNamespace(inode) !== undefined) continue;
    if (isLocked(lockPath(inode))) continue;
    for (const name of names)
      if (name.startsWith(`${inode}.`)) rmSync(join(runDirectory, name), { force: true });
  }
}
