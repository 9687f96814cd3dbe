/** Numbers of an array map's elements: which are free. The longest free is taken first, so that none is reused at once. */

import { createQueue, type Queue } from './queue.ts';

export type Slots = {
  /** A free slot, or `undefined` when all are taken. */
  take(): number | undefined;
  free(slot: number): void;
  /** For so many more, one if nothing is said. */
  hasRoom(wanted?: number): boolean;
  /** Others, of which the same are taken. */
  copy(): Slots;
};

/** Slots 1 up to, not including, `limit`; 0 means "none" in the maps. `occupied` are those found in use. */
export function createSlots(limit: number, occupied: Iterable<number> = []): Slots {
  const taken = new Set(occupied);
  let fresh = 1;
  for (const slot of taken) fresh = Math.max(fresh, slot + 1);
  const returned = createQueue<number>();
  for (let slot = 1; slot < fresh; slot++) if (!taken.has(slot)) returned.put(slot);
  return slotsOf(limit, taken, fresh, returned);
}

/** `fresh`: what was never taken begins there. */
function slotsOf(limit: number, taken: Set<number>, first: number, returned: Queue<number>): Slots {
  let fresh = first;
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
    copy: () => slotsOf(limit, new Set(taken), fresh, returned.copy()),
  };
}
