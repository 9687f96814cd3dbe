/**
 * How a daemon stands to the namespace that it serves. One that a command has started lives outside and does not keep the
 * namespace (docs/design/0001); one that a supervisor or a person starts lives in it, for as long as it is wanted.
 */

import { closeSync, writeSync } from 'node:fs';
import { lockPath, socketPath } from '../api/paths.ts';
import type { ListenOn } from '../api/server.ts';
import type { ErrorCode } from '../ipvs/errors.ts';
import { lockFile } from '../linux/flock.ts';
import { currentNamespace, inNamespace } from '../linux/namespace.ts';
import { createDoor, type Door } from './door.ts';
import { takeOver } from './succession.ts';
import type { Supervisor } from './supervisor.ts';

export type Post = {
  readonly namespace: number;
  /** Whether the namespace cannot go while this daemon is there. */
  readonly isResident: boolean;
  /** Runs an action in the namespace: first of all, and later. */
  readonly first: Door;
  readonly inside: Door;
  /** Becomes the namespace's only director; false where another one is, and stays. */
  claim(rehearse: () => void): Promise<boolean>;
  readonly listenOn: ListenOn;
  /** What whoever has started it is waiting for. */
  ready(): void;
  failed(code: ErrorCode, detail: string | undefined): void;
};

/** The descriptors that a command's daemon is started with. */
const namespaceFd = 3;
export const reportFd = 4;

/** `replaces`: the daemon that is there is asked to go. */
export function outsidePost(namespace: number, replaces: boolean): Post {
  let reported = false;
  /** One line to the command that waits. Only the first is of interest. */
  const report = (outcome: Readonly<Record<string, unknown>>): void => {
    if (reported) return;
    reported = true;
    writeSync(reportFd, JSON.stringify(outcome));
    closeSync(reportFd);
  };
  return {
    namespace,
    isResident: false,
    first: (action) => inNamespace(namespaceFd, action),
    inside: createDoor(namespace),
    async claim(rehearse) {
      const path = lockPath(namespace);
      if (lockFile(path)) return true;
      if (replaces) {
        rehearse();
        await takeOver(path);
        return true;
      }
      report({ busy: true });
      return false;
    },
    listenOn: socketPath(namespace),
    ready: () => {
      closeSync(namespaceFd);
      report({ ready: true });
    },
    failed: (code, detail) => report({ code, ...(detail === undefined ? {} : { detail }) }),
  };
}

/** `socket`: one that has been opened for it, which is not its to remove. */
export function residentPost(supervisor: Supervisor, socket: number | undefined): Post {
  const namespace = currentNamespace();
  const here: Door = (action) => action();
  return {
    namespace,
    isResident: true,
    first: here,
    inside: here,
    async claim(rehearse) {
      if (lockFile(lockPath(namespace))) return true;
      rehearse();
      await takeOver(lockPath(namespace));
      return true;
    },
    listenOn: socket === undefined ? socketPath(namespace) : { fd: socket },
    ready: () => supervisor.ready(),
    failed: () => undefined, // the log and the exit status say it
  };
}
