/**
 * The programs that take probes through direct routing (bpf/checks.bpf.c), on every Ethernet interface of the thread's
 * network namespace, in front of the director's.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Hook, moveTo, takeOff, withInterfaces } from '../../linux/bpf-hooked.ts';
import { mapDelete, mapUpdate } from '../../linux/bpf-map.ts';
import { loadObject, readObject } from '../../linux/bpf-object.ts';
import { objectId } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { ARPHRD_ETHER, type Link } from '../../linux/rtnetlink.ts';
import { objectSha256 } from './abi.gen.ts';
import type { FlowTable } from './flows.ts';

const place = { priority: 45, handle: 0xf3 };

const hooks: readonly Hook[] = [
  { name: 'fl_check_out', direction: 'egress', place },
  { name: 'fl_check_in', direction: 'ingress', place },
];

export type CheckPrograms = {
  readonly table: FlowTable;
  /** Puts them on interfaces that came lately, or where somebody took them off. Throws HOOK_UNAVAILABLE, SYSTEM_CALL. */
  follow(): void;
  /** Takes them off, where those of another checker have not taken their place meanwhile. */
  remove(): void;
};

/** Loads and attaches them, in the place of those of an earlier checker. Throws NO_BPF, NO_LIBRARY, SYSTEM_CALL, … */
export function startCheckPrograms(): CheckPrograms {
  const object = loadObject(readObject(objectPath(), objectSha256), {
    programs: ['fl_check_out', 'fl_check_in'],
    maps: ['check_flows'],
  });
  const programs = [object.programs.fl_check_out, object.programs.fl_check_in];
  const ids = programs.map(objectId);
  const isOwn = (fd: Fd | undefined, at: number): boolean => fd !== undefined && objectId(fd) === ids[at];
  const follow = (): void =>
    withInterfaces(hooks, (interfaces) => {
      const chosen = interfaces.links.filter((link) => isChosen(link) && !interfaces.foreign.has(link));
      const isServed = (link: Link): boolean => interfaces.ours.get(link)?.every(isOwn) ?? false;
      const isAsWanted = chosen.every(isServed) && [...interfaces.ours.keys()].every(isChosen);
      if (!isAsWanted) moveTo(chosen, hooks, programs, interfaces);
    });
  try {
    follow();
  } catch (error) {
    object.close();
    throw error;
  }
  return {
    table: {
      set: (key, value) => mapUpdate(object.maps.check_flows, key, value),
      delete: (key) => {
        mapDelete(object.maps.check_flows, key);
      },
    },
    follow,
    remove() {
      withInterfaces(hooks, ({ ours }) => {
        for (const [link, found] of ours) if (found.some(isOwn)) takeOff(link, hooks);
      });
      object.close();
    },
  };
}

/** Takes off what any checker has attached. */
export function removeCheckPrograms(): void {
  withInterfaces(hooks, ({ ours }) => {
    for (const link of ours.keys()) takeOff(link, hooks);
  });
}

/** As the director chooses: what comes in by a port comes in by its bridge or bond as well. */
function isChosen({ type, master }: Link): boolean {
  return type === ARPHRD_ETHER && master === undefined;
}

/** bpf/checks.bpf.o, above both dist/ and src/health/direct/. */
function objectPath(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'bpf/checks.bpf.o')) && directory !== '/')
    directory = dirname(directory);
  return join(directory, 'bpf/checks.bpf.o');
}
