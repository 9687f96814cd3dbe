/** Slots of an array map: which are free. The longest free is taken first, so that no slot is reused at once. */

export type Slots = {
  /** A free slot, or `undefined` when all are taken. */
  take(): number | undefined;
  free(slot: number): void;
  /** Marks a slot found in use. */
  occupy(slot: number): void;
};

/** Slots 1 up to, not including, `limit`; 0 means "none" in the maps. */
export function createSlots(limit: number): Slots {
  const returned: number[] = [];
  const occupied = new Set<number>();
  let fresh = 1;
  return {
    take() {
      while (fresh < limit && occupied.has(fresh)) fresh++;
      const slot = fresh < limit ? fresh++ : returned.shift();
      if (slot !== undefined) occupied.add(slot);
      return slot;
    },
    free(slot) {
      if (occupied.delete(slot) && slot < fresh) returned.push(slot);
    },
    occupy(slot) {
      occupied.add(slot);
    },
  };
}
