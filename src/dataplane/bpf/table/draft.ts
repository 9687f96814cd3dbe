/**
 * A service while its real servers come, change and go: each in constant time, however many there are, and the list is made
 * when it is asked for. A file of 20,000 real servers in one service would copy 20,000 lists otherwise. Pure.
 */

import { type DestinationKey, destinationKeyText } from '../../../ipvs/service.ts';
import { createTally } from '../../../ipvs/weights.ts';
import { fitCursor } from './cursor.ts';
import type { DestinationEntry, ServiceEntry } from './entries.ts';

export type Draft = {
  readonly serviceSlot: number;
  find(key: DestinationKey): DestinationEntry | undefined;
  /** The one that was added last, of those that are there. */
  newest(): DestinationEntry | undefined;
  /** One that is not there. */
  add(entry: DestinationEntry): void;
  /** In the place of the one with its key, which is there. */
  replace(entry: DestinationEntry): void;
  /** One that is there. */
  remove(key: DestinationKey): void;
  /** The service as it was, and as it is by now: the same one where nothing was changed. */
  change(): { readonly before: ServiceEntry; readonly after: ServiceEntry };
};

/** `place` is where the scheduler has got to by now. */
export function createDraft(before: ServiceEntry, place: bigint): Draft {
  /** The oldest first; nothing where one has gone, but not at the end. */
  const entries: (DestinationEntry | undefined)[] = before.destinations.toReversed();
  const places = new Map(before.destinations.toReversed().map((each, at) => [destinationKeyText(each), at]));
  const weights = createTally(before.destinations.map(({ weight }) => weight));
  let { edition } = before;
  let cursor = place;

  const find = (key: DestinationKey): DestinationEntry | undefined =>
    entries[places.get(destinationKeyText(key)) ?? -1];
  /** IPVS fits a scheduler's place at every single change. */
  const changed = (): void => {
    edition++;
    cursor = fitCursor(before.scheduler, cursor, { newest: entries.at(-1)?.sequence ?? 0, weights });
  };
  return {
    serviceSlot: before.slot,
    find,
    newest: () => entries.at(-1),
    add(entry) {
      places.set(destinationKeyText(entry), entries.push(entry) - 1);
      weights.add(entry.weight);
      changed();
    },
    replace(entry) {
      const text = destinationKeyText(entry);
      const at = places.get(text) ?? -1;
      weights.remove(entries[at]?.weight ?? 0);
      entries[at] = entry;
      weights.add(entry.weight);
      changed();
    },
    remove(key) {
      const text = destinationKeyText(key);
      const at = places.get(text) ?? -1;
      weights.remove(entries[at]?.weight ?? 0);
      entries[at] = undefined;
      places.delete(text);
      while (entries.length > 0 && !entries.at(-1)) entries.pop();
      changed();
    },
    change() {
      if (edition === before.edition) return { before, after: before };
      const destinations = entries.filter((entry) => entry !== undefined).reverse();
      const found = { weightGcd: weights.gcd(), weightMax: weights.max() };
      return { before, after: { ...before, destinations, edition, cursor, ...found } };
    },
  };
}
