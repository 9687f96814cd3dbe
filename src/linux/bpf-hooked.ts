/**
 * Sets of programs on interfaces, at TC. There are no pins: a program hangs on interfaces and holds its maps; whoever
 * wants to know what it does goes from the interface to the program, and from there to the maps. All functions act in
 * the thread's network namespace.
 */

import { FairleadError } from '../ipvs/errors.ts';
import { attachTc, detachTc, queryTc, removeUnusedTc, type TcDirection, type TcPlace } from './bpf-hook.ts';
import { closeFd, programById, programName } from './bpf-program.ts';
import { SystemCallError } from './errno.ts';
import { collectLog, type Fd } from './libbpf.ts';
import { listLinks } from './links.ts';
import type { Link } from './rtnetlink.ts';

/** Where a program stands on each of its interfaces, and what it is called. */
export type Hook = { readonly name: string; readonly direction: TcDirection; readonly place: TcPlace };

/** What stands at one hook of one interface. */
type Found = { readonly ours: Fd } | 'foreign' | undefined;

export type Interfaces = {
  readonly links: readonly Link[];
  /** Those that have our programs, each with descriptors of them, in the order of the hooks. */
  readonly ours: ReadonlyMap<Link, readonly (Fd | undefined)[]>;
  /** Those where somebody else has our place. */
  readonly foreign: ReadonlySet<Link>;
};

/** Looks at every interface; the descriptors last as long as the action. */
export function withInterfaces<T>(hooks: readonly Hook[], action: (interfaces: Interfaces) => T): T {
  collectLog();
  const links = listLinks();
  const ours = new Map<Link, readonly (Fd | undefined)[]>();
  const foreign = new Set<Link>();
  try {
    for (const link of links) {
      const found = hooks.map((hook) => programAt(link.index, hook));
      const mine = found.map((each) => (typeof each === 'object' ? each.ours : undefined));
      if (mine.some((fd) => fd !== undefined)) ours.set(link, mine);
      if (found.includes('foreign')) foreign.add(link);
    }
    return action({ links, ours, foreign });
  } finally {
    for (const fds of ours.values()) for (const fd of fds) if (fd !== undefined) closeFd(fd);
  }
}

/**
 * From now on these programs, in the order of the hooks, on exactly these interfaces. On each the change is one step.
 * When it throws, everything is as it was. Throws HOOK_UNAVAILABLE, SYSTEM_CALL.
 */
export function moveTo(
  chosen: readonly Link[],
  hooks: readonly Hook[],
  programs: readonly Fd[],
  { ours, foreign }: Interfaces,
): void {
  const taken = chosen.find((link) => foreign.has(link));
  if (taken)
    throw new FairleadError('HOOK_UNAVAILABLE', `${taken.name}: its place is another program's, or shared`);
  const done: (() => void)[] = [];
  try {
    for (const link of chosen) {
      for (const [at, hook] of hooks.entries()) {
        const { place, direction } = hook;
        const [program, earlier] = [programs[at], ours.get(link)?.[at]];
        if (program === undefined) throw new Error('a hook without a program');
        attachTc(link.index, program, place, direction);
        done.push(() => {
          if (earlier !== undefined) attachTc(link.index, earlier, place, direction);
          else takeOff(link, [hook]);
        });
      }
    }
  } catch (error) {
    for (const undo of done.toReversed()) undo();
    throw error;
  }
  for (const link of ours.keys()) if (!chosen.includes(link)) takeOff(link, hooks);
}

export function takeOff(link: Link, hooks: readonly Hook[]): void {
  for (const { place, direction } of hooks) detachTc(link.index, place, direction);
  removeUnusedTc(link.index);
}

/** Our program, which is to be closed, something that we must leave alone, or nothing. */
export function programAt(index: number, hook: Hook): Found {
  const id = idAt(index, hook);
  if (id === 'foreign') return id;
  const program = id === undefined ? undefined : programById(id);
  if (program === undefined) return undefined;
  if (programName(program) === hook.name) return { ours: program };
  closeFd(program);
  return 'foreign';
}

/** Filters that an interface shares with others (tc-filter(8), block) cannot be reached by its name. */
function idAt(index: number, { place, direction }: Hook): number | 'foreign' | undefined {
  const EOPNOTSUPP = 95;
  try {
    return queryTc(index, place, direction);
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === EOPNOTSUPP) return 'foreign';
    throw error;
  }
}
