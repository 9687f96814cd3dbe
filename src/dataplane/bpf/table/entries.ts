/** Services and real servers as the table remembers them: what was asked for, and where it lies in the maps. */

import type { Destination, DestinationKey, Service, ServiceKey } from '../../../ipvs/service.ts';
import type { Counts } from '../codec/counts.ts';
import type { Extent } from './extents.ts';

/** A real server as its connections know it, whether its service still lists it or not. */
export type Holding = Destination & {
  readonly slot: number;
  readonly service: ServiceKey;
  /** 0: of a service that is gone. */
  readonly serviceSlot: number;
  /** The counts when they were last zeroed. */
  readonly zeroed: Counts;
  /** The counts when it came to its service: what it counts beyond, it counts for that one. */
  readonly elsewhere: Counts;
};

/** A real server in its service's list. */
export type DestinationEntry = Holding & {
  /** Order of addition within the service, from 1. */
  readonly sequence: number;
  /** The last weight above 0, or the one it was added with: what mh's table goes by. */
  readonly lastWeight: number;
};

/** A deleted real server: connections still name it. */
export type TrashEntry = Holding & {
  /** Nanoseconds of the data plane's clock. */
  readonly deletedAt: bigint;
  /** The generation that has no longer known it. */
  readonly until: number;
};

export type ServiceEntry = Service & {
  readonly slot: number;
  /** Grows with each change of the list, of a weight or of the scheduler. */
  readonly edition: number;
  /** The generation that it was made in or got its scheduler in: what lblc remembers is of one of them. */
  readonly born: number;
  /** Where the scheduler goes on with this edition. */
  readonly cursor: bigint;
  /** Of the weights above 0, at least 1. */
  readonly weightGcd: number;
  readonly weightMax: number;
  /** Where `members` has the list. */
  readonly extent: Extent;
  /** The key in `hash_tables`; 0 where the scheduler has none. */
  readonly table: number;
  /** What real servers that have left the trash had counted for it. */
  readonly retired: Counts;
  /** Changes with it. */
  readonly retirement: number;
  /** All that it had counted when that was last zeroed (../service-counts.ts). */
  readonly zeroed: Counts;
  /** The newest first. */
  readonly destinations: readonly DestinationEntry[];
};

/** What a slot of `destinations` is used for. */
export type Place =
  | { readonly kind: 'free' }
  | { readonly kind: 'listed'; readonly holding: Holding }
  | { readonly kind: 'trash'; readonly holding: TrashEntry };

export const free: Place = { kind: 'free' };
export const listed = (holding: Holding): Place => ({ kind: 'listed', holding });
export const trashed = (holding: TrashEntry): Place => ({ kind: 'trash', holding });

/** What is to take effect at once. Absent: it is not there before, or after. */
export type Change = {
  readonly services: readonly { readonly before?: ServiceEntry; readonly after?: ServiceEntry }[];
  readonly destinations: readonly { readonly slot: number; readonly before: Place; readonly after: Place }[];
};

/** A real server in the list of a service. */
export function listedIn(
  service: ServiceEntry | undefined,
  { address, port }: DestinationKey,
): DestinationEntry | undefined {
  return service?.destinations.find((entry) => entry.address === address && entry.port === port);
}
