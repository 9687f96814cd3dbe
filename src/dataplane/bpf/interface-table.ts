/** Interfaces by index, each at its place in the array of them (bpf/lib/interface.h). */

import { FairleadError } from '../../ipvs/errors.ts';
import { FlLimit, type flInterface } from './abi.gen.ts';
import type { Decoded, Encodable } from './layout.ts';
import type { ArrayMap } from './maps.ts';

type Interface = Decoded<typeof flInterface>;

export type InterfaceTable = {
  get(index: number): Interface | undefined;
  /** Throws OUT_OF_MEMORY when its places are all taken. */
  set(interface_: Encodable<typeof flInterface> & { readonly index: number }): void;
  delete(index: number): void;
  indexes(): readonly number[];
};

export function interfaceTable(array: ArrayMap<typeof flInterface>): InterfaceTable {
  const { FL_LIMIT_INTERFACES: room, FL_LIMIT_INTERFACE_PLACES: places } = FlLimit;
  const find = (index: number, wanted = index): number | undefined =>
    Array.from({ length: places }, (_, further) => (index + further) % room).find(
      (place) => array.get(place).index === wanted,
    );
  return {
    get(index) {
      const place = find(index);
      return place === undefined ? undefined : array.get(place);
    },
    set(value) {
      const place = find(value.index) ?? find(value.index, 0);
      if (place === undefined) throw new FairleadError('OUT_OF_MEMORY');
      array.set(place, value);
    },
    delete(index) {
      const place = find(index);
      if (place !== undefined) array.set(place, {});
    },
    indexes: () => [...array.used()].map(([, { index }]) => index),
  };
}
