/**
 * Network namespaces: entering one for the length of a synchronous action, and finding one by its inode.
 *
 * The daemon must not keep the namespace it serves alive, so it lives elsewhere, holds no socket and no
 * descriptor of it, and looks for a way in each time it needs one.
 */

import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { checked, ENOENT } from './errno.ts';
import { errno, libc } from './ffi.ts';

const setns = libc<[number, number], number>('int setns(int fd, int type)');
const CLONE_NEWNET = 0x40000000;

/** The inode number of the calling thread's network namespace. */
export function currentNamespace(): number {
  return inodeOfLink(readlinkSync('/proc/thread-self/ns/net'));
}

/**
 * Runs `action` in the namespace behind a descriptor or path, and returns from it whatever happens.
 * `action` must be synchronous: the event loop never runs inside. With `inode` nothing is done, and ENOENT
 * thrown, when the path leads to another namespace by now.
 */
export function inNamespace<T>(where: number | string, action: () => T, inode?: number): T {
  const home = openSync('/proc/thread-self/ns/net', 'r');
  try {
    const there = typeof where === 'string' ? openSync(where, 'r') : where;
    try {
      if (inode !== undefined && fstatSync(there).ino !== inode) checked(`setns(${where})`, -ENOENT);
      enter(there);
    } finally {
      if (typeof where === 'string') closeSync(there);
    }
    try {
      return action();
    } finally {
      enter(home);
    }
  } finally {
    closeSync(home);
  }
}

/** Runs `action` in the namespace of process 1, without entering it where the caller is there already. */
export function inHostNamespace<T>(action: () => T): T {
  const path = '/proc/1/ns/net';
  return leadsTo(path, currentNamespace()) ? action() : inNamespace(path, action);
}

function enter(fd: number): void {
  checked('setns', setns(fd, CLONE_NEWNET) < 0 ? -errno() : 0);
}

/** A path through which the namespace with this inode can be entered now, or `undefined`. */
export function findNamespace(inode: number): string | undefined {
  return mountedNamespace(inode) ?? processInNamespace(inode);
}

/** Whether a path found earlier still leads to the namespace. */
export function leadsTo(path: string, inode: number): boolean {
  try {
    return statSync(path).ino === inode;
  } catch {
    return false;
  }
}

/** The mount point of a named namespace (`ip netns add`), from /proc/self/mountinfo (proc(5)). */
function mountedNamespace(inode: number): string | undefined {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [, , , root, mountPoint] = line.split(' ');
    if (root === `net:[${inode}]` && mountPoint && leadsTo(mountPoint, inode)) return mountPoint;
  }
  return undefined;
}

function processInNamespace(inode: number, isMeant = (_: number) => true): string | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const path = `/proc/${entry}/ns/net`;
    if (leadsTo(path, inode) && isMeant(Number(entry))) return path;
  }
  return undefined;
}

/**
 * The way by which somebody else could enter the namespace, for a process that does not count itself nor what it has
 * started: a mount, or a process that is no descendant.
 */
export function findOthersWay(inode: number): string | undefined {
  return mountedNamespace(inode) ?? processInNamespace(inode, (pid) => !descendsFrom(pid, process.pid));
}

function descendsFrom(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === ancestor) return true;
  return false;
}

/** 0 where it has gone (proc(5), stat: behind the name in parentheses, the state and the parent). */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function inodeOfLink(link: string): number {
  return Number(/^net:\[(\d+)\]$/.exec(link)?.[1]);
}
