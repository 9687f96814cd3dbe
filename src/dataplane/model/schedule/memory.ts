/** What a scheduler remembers of a service from one choice to the next. */

import type { Address } from '../../../ipvs/address.ts';
import type { Destination } from '../memory.ts';

/** Which destination, or which few, lblc and lblcr last sent a destination address to. Nanoseconds. */
export type Cached = { lastUsed: number; lastChanged: number; servers: readonly Destination[] };

export type SchedulerMemory = {
  /** Where rr and wrr stand: at the destination of this sequence number; 0 is before the newest. */
  last: number;
  /** wrr: the weight a destination must have in this pass; 0 at the very beginning. */
  threshold: number;
  /** lblc and lblcr. */
  readonly cache: Map<Address, Cached>;
  /** sh, mh and dh: destinations by hash; absent until it is needed again after a change. */
  table: readonly (Destination | undefined)[] | undefined;
};

export function newSchedulerMemory(): SchedulerMemory {
  return { last: 0, threshold: 0, cache: new Map(), table: undefined };
}
