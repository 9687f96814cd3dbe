/** Where the directors of this machine are found: one socket per network namespace, by its inode number. */

import { readlinkSync } from 'node:fs';

export const runDirectory = '/run/fairlead';

export function socketPath(namespace: number): string {
  return `${runDirectory}/${namespace}.sock`;
}

/** What a daemon said on its way, for a person to read when it did not come up. */
export function logPath(namespace: number): string {
  return `${runDirectory}/${namespace}.log`;
}

/** Locked by the daemon for its lifetime. */
export function lockPath(namespace: number): string {
  return `${runDirectory}/${namespace}.lock`;
}

/** What a daemon has been told that no kernel keeps, by kind. */
export function savedPath(namespace: number, kind: string): string {
  return `${runDirectory}/${namespace}.${kind}.json`;
}

/** The inode number of this process's network namespace. */
export function ownNamespace(): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync('/proc/self/ns/net'))?.[1]);
}
