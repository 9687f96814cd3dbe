/**
 * A real server that neither answers nor asks ARP in the name of its virtual addresses, by programs on its interfaces.
 * All functions act in the thread's network namespace.
 */

import type { Ipv4 } from '../../ipvs/address.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { moveTo, takeOff, withInterfaces } from '../../linux/bpf-hooked.ts';
import { chooseInterfaces } from '../tc/interfaces.ts';
import { type Counts, hooks, loadIsolation, readIsolation } from './program.ts';

/** By its interface, an address of this machine's own. */
export type OwnAddress = { readonly device: string; readonly address: Ipv4 };

export type IsolationStatus = {
  readonly interfaces: readonly string[];
  /** Ethernet interfaces that lack a program: they came later, or somebody took it off. */
  readonly lacking: readonly string[];
  readonly vips: readonly Ipv4[];
  readonly senders: readonly OwnAddress[];
  readonly counts: Counts;
};

/**
 * From now on exactly these virtual addresses, on every Ethernet interface there is. ARP shows the interface's own
 * address instead, or where it has none, the first. On each interface and in each direction the change is one step;
 * when it throws, everything is as it was. Throws INTERFACE_NOT_FOUND, HOOK_UNAVAILABLE, NO_BPF, NO_LIBRARY, SYSTEM_CALL.
 */
export function startIsolation(objectPath: string, vips: readonly Ipv4[], own: readonly OwnAddress[]): void {
  withInterfaces(hooks, (interfaces) => {
    const chosen = chooseInterfaces(interfaces.links, []);
    const [first] = own;
    if (first === undefined)
      throw new FairleadError('INTERFACE_NOT_FOUND', 'none has an IPv4 address of its own');
    const senders = chosen.map(({ index, name }) => {
      const { address } = own.find(({ device }) => device === name) ?? first;
      return [index, address] as const;
    });
    const [earlier] = [...interfaces.ours.values()].flat();
    const object = loadIsolation(objectPath, { vips, senders: new Map(senders) }, earlier);
    try {
      moveTo(chosen, hooks, [object.programs.fl_isolate_in, object.programs.fl_isolate_out], interfaces);
    } finally {
      object.close();
    }
  });
}

/** Takes the programs off all interfaces; where there is none is nothing to do. */
export function stopIsolation(): void {
  withInterfaces(hooks, ({ ours }) => {
    for (const link of ours.keys()) takeOff(link, hooks);
  });
}

/** `undefined` while no interface has the programs. */
export function isolationStatus(): IsolationStatus | undefined {
  return withInterfaces(hooks, ({ links, ours }) => {
    if (ours.size === 0) return undefined;
    const whole = [...ours].filter(([, programs]) => programs.every((program) => program !== undefined));
    const [program] = whole.flatMap(([, [, out]]) => out ?? []);
    const { vips, senders, counts } = readIsolation(program);
    const nameOf = (index: number): string =>
      links.find((link) => link.index === index)?.name ?? String(index);
    return {
      interfaces: whole.map(([{ name }]) => name),
      lacking: chooseInterfaces(links, []).flatMap((link) =>
        whole.some(([each]) => each === link) ? [] : link.name,
      ),
      vips,
      senders: [...senders].map(([index, address]) => ({ device: nameOf(index), address })),
      counts,
    };
  });
}
