/** Where in the maps the lists of a change lie: rooms are given to what differs from what was there before. */

import { FairleadError } from '../../../ipvs/errors.ts';
import { hashTableOf } from '../../../ipvs/hash/table.ts';
import type { Scheduler } from '../../../ipvs/schedulers.ts';
import type { Change, DestinationEntry, ServiceEntry } from './entries.ts';
import type { State } from './state.ts';

type Rooms = Pick<State, 'extents' | 'tables' | 'serviceSlots'>;

/** The change with rooms for its lists. Throws OUT_OF_MEMORY. */
export function placed(rooms: Rooms, { services, destinations }: Change): Change {
  return {
    services: services.map(({ before, after }) => ({
      ...(before && { before }),
      ...(after && { after: placedService(rooms, before, after) }),
    })),
    destinations,
  };
}

function placedService(rooms: Rooms, before: ServiceEntry | undefined, after: ServiceEntry): ServiceEntry {
  const { scheduler, destinations } = after;
  const hasSameList = before !== undefined && sameMembers(before.destinations, destinations);
  const hasSameTable = hasSameList && before.scheduler === scheduler;
  return {
    ...after,
    extent: hasSameList ? before.extent : required(rooms.extents.take(destinations.length)),
    table: hasSameTable ? before.table : takeTable(rooms, scheduler, destinations),
  };
}

function takeTable(rooms: Rooms, scheduler: Scheduler, destinations: readonly DestinationEntry[]): number {
  if (destinations.length === 0 || hashTableOf(scheduler, []) === undefined) return 0;
  return required(rooms.tables.take());
}

function sameMembers(a: readonly DestinationEntry[], b: readonly DestinationEntry[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ slot, weight, lastWeight, sequence }, index) => {
      const other = b[index];
      return (
        other?.slot === slot &&
        other.weight === weight &&
        other.lastWeight === lastWeight &&
        other.sequence === sequence
      );
    })
  );
}

/** Gives back what a change that was carried out no longer needs. */
export function release(rooms: Rooms, { services }: Change): void {
  for (const { before, after } of services) {
    if (!before) continue;
    if (!after) rooms.serviceSlots.free(before.slot);
    if (before.extent !== after?.extent) rooms.extents.free(before.extent);
    if (before.table !== 0 && before.table !== after?.table) rooms.tables.free(before.table);
  }
}

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new FairleadError('OUT_OF_MEMORY');
  return value;
}
