/** Interfaces by index, each at its place among them (bpf/lib/interface.h). */

import { FairleadError } from '../../ipvs/errors.ts';
import { FlLimit, type flInterface } from './abi.gen.ts';
import type { Decoded, Encodable } from './layout.ts';
import type { SectionMap } from './maps.ts';

type Interface = Decoded<typeof flInterface>;

export type InterfaceTable = {
  get(index: number): Interface | undefined;
  /** Throws OUT_OF_MEMORY when its places are all taken. */
  set(interface_: Encodable<typeof flInterface> & { readonly index: number }): void;
  delete(index: number): void;
  indexes(): readonly number[];
};

export function interfaceTable(table: SectionMap<typeof flInterface>): InterfaceTable {
  const { FL_LIMIT_INTERFACES: room, FL_LIMIT_INTERFACE_PLACES: places } = FlLimit;
  /** What is at the places an index may have. */
  const placesOf = (index: number): readonly (readonly [place: number, held: Interface])[] => {
    const first = index % room;
    const before = Math.min(places, room - first);
    return [...table.range(first, before), ...table.range(0, places - before)].map(
      (held, further) => [(first + further) % room, held] as const,
    );
  };
  const find = (index: number) => placesOf(index).find(([, held]) => held.index === index);
  return {
    get: (index) => find(index)?.[1],
    set(value) {
      const found = placesOf(value.index);
      const [place] =
        found.find(([, held]) => held.index === value.index) ??
        found.find(([, held]) => held.index === 0) ??
        [];
      if (place === undefined) throw new FairleadError('OUT_OF_MEMORY');
      table.set(place, value);
    },
    delete(index) {
      const [place] = find(index) ?? [];
      if (place !== undefined) table.set(place, {});
    },
    indexes: () => [...table.used()].map(([, { index }]) => index),
  };
}
