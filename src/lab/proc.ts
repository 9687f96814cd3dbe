/** What /proc says about processes: who lives, and in which network namespace. proc(5). */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { errnoOf } from './errors.ts';

/** A process for good: a pid alone is used again, together with its start time it is not. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat; undefined start times are never written. */
  readonly startTime: number;
};

/** The identity of a living process; `undefined` when there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name in field 2 may hold spaces and parentheses: the rest begins after the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields?.[0], Number(fields?.[19])];
  return state === undefined || state === 'Z' ? undefined : { pid, startTime };
}

/** Whether exactly this process still lives. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/** The inode of a process's network namespace; `undefined` when the process is gone. */
export function namespaceOf(pid: number | 'self'): number | undefined {
  return attempt(() => statSync(`/proc/${pid}/ns/net`).ino);
}

/** The processes whose environment holds `NAME=value`, as it was when they were started. */
export function processesWith(variable: string): readonly number[] {
  return processes().filter((pid) => {
    const environment = attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    return environment?.split('\0').includes(variable);
  });
}

/** The words of a process's command line, with blanks between them; empty when it is gone. */
export function commandLineOf(pid: number): string {
  const words = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.split('\0') ?? [];
  return words.join(' ').trimEnd();
}

/** The processes that live in one of these network namespaces. */
export function processesInside(namespaces: ReadonlySet<number>): readonly number[] {
  return processes().filter((pid) => namespaces.has(namespaceOf(pid) ?? 0));
}

/** Ends a process for good, or with a negative number a process group; harmless when it is gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** Whether something listens on a TCP port in the network namespace of a process. */
export function isListening(pid: number, port: number): boolean {
  const listening = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:0000 0A `);
  return ['tcp', 'tcp6'].some((table) =>
    listening.test(attempt(() => readFileSync(`/proc/${pid}/net/${table}`, 'utf8')) ?? ''),
  );
}

/** All processes, as far as /proc shows them. */
export function processes(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** A process may end between two looks at it: that is an answer, not an error. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
