/**
 * A real server without tunnel devices: the program that takes packets out of directors' tunnels (ipip, GUE, GRE) is
 * put on its interfaces, and taken off again. All functions act in the thread's network namespace.
 */

import { moveTo, takeOff, withInterfaces } from '../../linux/bpf-hooked.ts';
import { chooseInterfaces, ethernetNamed } from '../tc/interfaces.ts';
import { type Counts, type Decapsulation, hook, loadDecapsulator, readDecapsulator } from './program.ts';

export type DecapsulationStatus = Decapsulation & {
  readonly interfaces: readonly string[];
  /** Whether these are the ones that it takes without names. */
  readonly isEverywhere: boolean;
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
  withInterfaces([hook], (interfaces) => {
    const chosen = chooseInterfaces(interfaces.links, wanted.interfaces);
    const [earlier] = [...interfaces.ours.values()].flat();
    const object = loadDecapsulator(objectPath, wanted, earlier);
    try {
      moveTo(chosen, [hook], [object.programs.fl_decapsulate], interfaces);
    } finally {
      object.close();
    }
  });
}

/** Takes the program off the named interfaces, or off all; where there is none is nothing to do. */
export function stopDecapsulation(names: readonly string[]): void {
  withInterfaces([hook], ({ links, ours }) => {
    const meant = names.map((name) => ethernetNamed(links, name));
    for (const link of ours.keys()) if (meant.length === 0 || meant.includes(link)) takeOff(link, [hook]);
  });
}

/** `undefined` while no interface has the program. */
export function decapsulationStatus(): DecapsulationStatus | undefined {
  return withInterfaces([hook], ({ links, ours }) => {
    const [program] = [...ours.values()].flat();
    if (program === undefined) return undefined;
    const interfaces = [...ours.keys()].map(({ name }) => name);
    const usual = chooseInterfaces(links, []);
    const isEverywhere = usual.length === ours.size && usual.every((link) => ours.has(link));
    return { interfaces, isEverywhere, ...readDecapsulator(program) };
  });
}
