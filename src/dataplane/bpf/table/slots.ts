/** Numbers of an array map's elements: which are free. The longest free is taken first, so that none is reused at once. */

import { createQueue } from './queue.ts';

export type Slots = {
  /** A free slot, or `undefined` when all are taken. */
  take(): number | undefined;
  free(slot: number): void;
  /** For so many more, one if nothing is said. */
  hasRoom(wanted?: number): boolean;
};

/** Slots 1 up to, not including, `limit`; 0 means "none" in the maps. `occupied` are those found in use. */
export function createSlots(limit: number, occupied: Iterable<number> = []): Slots {
  const taken = new Set(occupied);
  let fresh = 1;
  for (const slot of taken) fresh = Math.max(fresh, slot + 1);
  const returned = createQueue<number>();
  for (let slot = 1; slot < fresh; slot++) if (!taken.has(slot)) returned.put(slot);
  return {
    take() {
      const slot = fresh < limit ? fresh++ : returned.take();
      if (slot !== undefined) taken.add(slot);
      return slot;
    },
    free(slot) {
      if (taken.delete(slot)) returned.put(slot);
    },
    hasRoom: (wanted = 1) => limit - fresh + returned.length() >= wanted,
  };
}
