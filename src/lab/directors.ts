/**
 * The daemons of a lab's directors. Each lives outside the namespace it serves, listens on
 * /run/fairlead/<inode of the namespace>.sock, and ends by itself soon after the namespace.
 */

import { rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labProcesses } from './environment.ts';
import { kill } from './proc.ts';

const socketDirectory = '/run/fairlead';
const goneWithinMs = 5_000;
const pollMs = 20;

/**
 * A socket, known by path and inode: the kernel soon gives the number of a namespace that has gone, and with
 * it the path, to a new one, which may be another lab's.
 */
type Socket = { readonly path: string; readonly inode: number };

/** The sockets of the directors of these namespaces (inodes), while the namespaces still exist. */
export function directorSockets(namespaces: readonly number[]): readonly Socket[] {
  return namespaces.flatMap((namespace) => {
    const path = join(socketDirectory, `${namespace}.sock`);
    const inode = inodeOf(path);
    return inode === undefined ? [] : [{ path, inode }];
  });
}

/**
 * Waits until the directors of lab `id` are gone, and ends those that are not after five seconds. Answers
 * whom it had to end, one sentence each.
 */
export async function outlastDirectors(id: string, sockets: readonly Socket[]): Promise<readonly string[]> {
  const deadline = Date.now() + goneWithinMs;
  for (;;) {
    const daemons = labProcesses(id);
    const present = sockets.filter(({ path, inode }) => inodeOf(path) === inode);
    const listening = (await Promise.all(present.map(({ path }) => isListening(path)))).includes(true);
    const late = Date.now() > deadline;
    if (late || (daemons.length === 0 && !listening)) {
      for (const pid of daemons) kill(pid);
      // A daemon that was killed could not take its socket with it.
      for (const { path } of present) rmSync(path, { force: true });
      const whom = [...daemons.map((pid) => `process ${pid}`), ...present.map(({ path }) => path)];
      return late ? whom.map((who) => `${who} outlived its lab by ${goneWithinMs / 1000} s: ended`) : [];
    }
    await sleep(pollMs);
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
