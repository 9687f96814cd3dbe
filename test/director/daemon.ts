/** The daemon of a namespace, looked at from outside: its processes, its files, what it holds in the kernel. */

import { readdirSync, readFileSync } from 'node:fs';
import { createClient } from '../../src/api/client.ts';
import { runDirectory, socketPath } from '../../src/api/paths.ts';
import type { DirectorStatus } from '../../src/api/status.ts';
import { closeFd, mapById, programById } from '../../src/linux/bpf-program.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import { commandLine, killQuietly, must, until } from './processes.ts';
import type { Namespace } from './support.ts';

export async function statusOf({ inode }: Pick<Namespace, 'inode'>): Promise<DirectorStatus> {
  return await createClient(socketPath(inode)).call('status', {});
}

/** Processes that are, or are about to become, the daemon of a namespace. */
export function daemonsOf(inode: number): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const words = commandLine(pid);
      return words.at(-1) === String(inode) && words.some((word) => /\bfairleadd\.js$/.test(word));
    })
    .map(Number);
}

/** The one daemon of a namespace, killed as the kernel would: without a word. */
export async function killDaemon(namespace: Namespace): Promise<number> {
  const { pid } = await statusOf(namespace);
  process.kill(pid, 'SIGKILL');
  await until('the killed daemon is gone', () => commandLine(pid).length === 0);
  return pid;
}

/** Socket, lock and log of a namespace's daemon, as far as they are there. */
export function runFiles(inode: number): readonly string[] {
  return readdirSync(runDirectory).filter((name) => name.startsWith(`${inode}.`));
}

/** Ids of BPF objects. */
export type Holdings = { readonly programs: readonly number[]; readonly maps: readonly number[] };

/** What the daemon holds, and what hangs on `interfaces`: all that the director has in the kernel. */
export async function holdingsOf(namespace: Namespace, ...interfaces: readonly string[]): Promise<Holdings> {
  const { pid } = await statusOf(namespace);
  const infos = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readQuietly(`/proc/${pid}/fdinfo/${fd}`));
  const ids = (kind: string): number[] =>
    infos.flatMap((info) => new RegExp(`^${kind}_id:\\s+(\\d+)`, 'm').exec(info)?.[1] ?? []).map(Number);
  const attached = await Promise.all(interfaces.map((name) => tcProgram(namespace, name)));
  return { programs: [...ids('prog'), ...attached.flatMap((id) => id ?? [])], maps: ids('map') };
}

/** The id of the director's TC program on an interface. */
export async function tcProgram(namespace: Namespace, device: string): Promise<number | undefined> {
  const text = await must(['tc', '-n', namespace.name, 'filter', 'show', 'dev', device, 'ingress']);
  const id = /\bfl_\S+ .*\bid (\d+)/.exec(text)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** The ids of the director's TC programs on an interface, in both directions. */
export async function tcPrograms({ name }: Namespace, device: string): Promise<readonly number[]> {
  const texts = await Promise.all(
    ['ingress', 'egress'].map((way) => must(['tc', '-n', name, 'filter', 'show', 'dev', device, way])),
  );
  return [...texts.join('').matchAll(/\bfl_\S+ .*\bid (\d+)/g)].map(([, id]) => Number(id));
}

/** Those of the objects that the kernel still has. */
export function stillThere({ programs, maps }: Holdings): Holdings {
  return {
    programs: programs.filter((id) => exists(programById(id))),
    maps: maps.filter((id) => exists(mapById(id))),
  };
}

export const nothing: Holdings = { programs: [], maps: [] };

/**
 * After a namespace has gone: its daemon would notice within half a second, which is a test's own matter
 * (lifecycle.test.ts); all others do not wait for it. What a test that failed has left is killed.
 */
export async function settle(inode: number): Promise<void> {
  for (const pid of daemonsOf(inode)) killQuietly(pid, 'SIGTERM');
  try {
    await until('no daemon', () => daemonsOf(inode).length === 0);
  } catch {
    for (const pid of daemonsOf(inode)) killQuietly(pid);
  }
}

function exists(fd: Fd | undefined): boolean {
  if (fd !== undefined) closeFd(fd);
  return fd !== undefined;
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
