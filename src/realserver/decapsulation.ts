/**
 * A real server without tunnel devices: the program that takes packets out of directors' tunnels (ipip, GUE, GRE) is
 * put on its interfaces, and taken off again. All functions act in the thread's network namespace.
 */

import { FairleadError } from '../ipvs/errors.ts';
import { attachTc, detachTc } from '../linux/bpf-hook.ts';
import { closeFd } from '../linux/bpf-program.ts';
import { collectLog, type Fd } from '../linux/libbpf.ts';
import { listLinks } from '../linux/links.ts';
import type { Link } from '../linux/rtnetlink.ts';
import { chooseInterfaces, ethernetNamed } from './interfaces.ts';
import {
  type Counts,
  type Decapsulation,
  loadDecapsulator,
  place,
  programOn,
  readDecapsulator,
} from './program.ts';

export type DecapsulationStatus = Decapsulation & {
  readonly interfaces: readonly string[];
  readonly counts: Counts;
};

/**
 * From now on exactly these virtual addresses, on exactly these interfaces (without names: on every Ethernet interface
 * there is), whatever was before. On each interface the change is one step; counters go on. When it throws, everything
 * is as it was. Throws INTERFACE_NOT_FOUND, INTERFACE_NOT_ETHERNET, HOOK_UNAVAILABLE, NO_BPF, NO_LIBRARY, SYSTEM_CALL.
 */
export function startDecapsulation(
  objectPath: string,
  wanted: Decapsulation & { readonly interfaces: readonly string[] },
): void {
  withInterfaces(({ links, ours, foreign }) => {
    const chosen = chooseInterfaces(links, wanted.interfaces);
    const taken = chosen.find((link) => foreign.has(link));
    if (taken)
      throw new FairleadError('HOOK_UNAVAILABLE', `${taken.name}: its place is another program's, or shared`);
    const [earlier] = ours.values();
    const object = loadDecapsulator(objectPath, wanted, earlier);
    try {
      attachAll(chosen, object.programs.fl_decapsulate, ours);
    } finally {
      object.close();
    }
    for (const link of ours.keys()) if (!chosen.includes(link)) detachTc(link.index, place);
  });
}

/** Takes the program off the named interfaces, or off all; where there is none is nothing to do. */
export function stopDecapsulation(names: readonly string[]): void {
  withInterfaces(({ links, ours }) => {
    const meant = names.map((name) => ethernetNamed(links, name));
    for (const link of ours.keys()) {
      if (meant.length === 0 || meant.includes(link)) detachTc(link.index, place);
    }
  });
}

/** `undefined` while no interface has the program. */
export function decapsulationStatus(): DecapsulationStatus | undefined {
  return withInterfaces(({ ours }) => {
    const [program] = ours.values();
    if (program === undefined) return undefined;
    return { interfaces: [...ours.keys()].map(({ name }) => name), ...readDecapsulator(program) };
  });
}

/** Puts the program on all of them, or leaves all as they were. */
function attachAll(links: readonly Link[], program: Fd, before: ReadonlyMap<Link, Fd>): void {
  const done: Link[] = [];
  try {
    for (const link of links) {
      attachTc(link.index, program, place);
      done.push(link);
    }
  } catch (error) {
    for (const link of done) {
      const earlier = before.get(link);
      if (earlier === undefined) detachTc(link.index, place);
      else attachTc(link.index, earlier, place);
    }
    throw error;
  }
}

type Interfaces = {
  readonly links: readonly Link[];
  /** Those with our program, each with a descriptor of it. */
  readonly ours: ReadonlyMap<Link, Fd>;
  /** Those where somebody else has its place. */
  readonly foreign: ReadonlySet<Link>;
};

function withInterfaces<T>(action: (interfaces: Interfaces) => T): T {
  collectLog();
  const links = listLinks();
  const ours = new Map<Link, Fd>();
  const foreign = new Set<Link>();
  try {
    for (const link of links) {
      const found = programOn(link.index);
      if (found === 'foreign') foreign.add(link);
      else if (found) ours.set(link, found.ours);
    }
    return action({ links, ours, foreign });
  } finally {
    for (const fd of ours.values()) closeFd(fd);
  }
}
