/** What `fairlead realserver join --runtime` notes for a namespace: /run/fairlead-realserver-<its inode>. */

import { rmSync, statSync } from 'node:fs';

/** By path and inode: the number of a namespace that has gone is soon another one's. */
type Journal = { readonly path: string; readonly inode: number };

/** Those of namespaces (inodes) that still exist. */
export function realServerJournals(namespaces: readonly number[]): readonly Journal[] {
  return namespaces.flatMap((namespace) => {
    const path = `/run/fairlead-realserver-${namespace}`;
    const inode = inodeOf(path);
    return inode === undefined ? [] : [{ path, inode }];
  });
}

export function removeJournals(journals: readonly Journal[]): void {
  for (const { path, inode } of journals) {
    if (inodeOf(path) === inode) rmSync(path, { recursive: true, force: true });
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
