/** Virtual addresses on the interfaces of the namespace: those that carry Fairlead's mark are its own. */

import { FairleadError } from '../ipvs/errors.ts';
import type { Vip } from '../ipvs/vip.ts';
import type { AddressPlace, HeldAddress } from '../linux/rtnetlink-address.ts';
import { failuresOf } from './failures.ts';

export type VipModules = {
  /** Runs an action inside the namespace that is served. Throws NAMESPACE_GONE. */
  readonly inside: <T>(action: () => T) => T;
  readonly added?: VipNews;
  readonly kernel: {
    links(): readonly { readonly index: number; readonly name: string }[];
    addresses(): readonly HeldAddress[];
    /** One that is there becomes Fairlead's. */
    add(address: AddressPlace): void;
    remove(address: AddressPlace): void;
    /** Makes it what it was when it was listed. */
    restore(address: HeldAddress): void;
  };
};

/** Told of each address that has been put on an interface. */
export type VipNews = (vip: Vip) => void;

export type Vips = ReturnType<typeof createVips>;

export function createVips({ inside, kernel, added = () => {} }: VipModules) {
  const indexOf = (name: string): number => {
    const link = kernel.links().find((candidate) => candidate.name === name);
    if (!link) throw new FairleadError('INTERFACE_NOT_FOUND', name);
    return link.index;
  };
  const list = (): readonly Vip[] => {
    const names = new Map(kernel.links().map(({ index, name }) => [index, name]));
    return kernel
      .addresses()
      .filter(({ isOurs }) => isOurs)
      .map(({ index, address, length }) => ({ interface: names.get(index) ?? `#${index}`, address, length }));
  };
  const remove = ({ interface: name, address, length }: Vip): void =>
    kernel.remove({ index: indexOf(name), address, length });

  return {
    list: (): readonly Vip[] => inside(list),
    /** Throws INTERFACE_NOT_FOUND or SYSTEM_CALL. */
    add(vip: Vip): void {
      const { interface: name, address, length } = vip;
      inside(() => kernel.add({ index: indexOf(name), address, length }));
      added(vip);
    },
    /** Throws INTERFACE_NOT_FOUND or SYSTEM_CALL. */
    remove: (vip: Vip): void => inside(() => remove(vip)),
    /**
     * Answers what makes all addresses again what they are now: also somebody else's that have become ours meanwhile, and those
     * that went with one of ours. It does what it can, and throws what it could not.
     */
    keep(): () => void {
      const before = inside(kernel.addresses);
      return () =>
        inside(() => {
          const now = kernel.addresses();
          const added = now.filter(
            (each) => each.isOurs && !before.some((other) => isSamePlace(each, other)),
          );
          const changed = before.filter(
            (each) => !now.some((other) => isSamePlace(each, other) && each.isOurs === other.isOurs),
          );
          const failures = failuresOf([
            ...added.map((each) => () => kernel.remove(each)),
            ...changed.map((each) => () => kernel.restore(each)),
          ]);
          if (failures.length > 0) throw new Error(failures.join('; '));
        });
    },
    removeAll: (): void =>
      inside(() => {
        for (const vip of list()) remove(vip);
      }),
  };
}

function isSamePlace(a: HeldAddress, b: HeldAddress): boolean {
  return a.index === b.index && a.address === b.address && a.length === b.length && a.peer === b.peer;
}
