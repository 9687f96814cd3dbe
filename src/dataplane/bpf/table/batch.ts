/**
 * Several changes that take effect together: each is planned on what those before it have made, and all are carried
 * out as one. What they take away is in force until then, and its place in the maps is nobody else's.
 */

import { FairleadError } from '../../../ipvs/errors.ts';
import { type ServiceKey, serviceKeyText } from '../../../ipvs/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Change } from './entries.ts';
import { placed } from './places.ts';
import type { Moment } from './plans.ts';
import { rememberEntries, type State } from './state.ts';

type ServiceChange = Change['services'][number];
type DestinationChange = Change['destinations'][number];

export type Batch = {
  /**
   * Plans a change and remembers it as if it were made. Throws as the plan does, and SERVICE_EXISTS for a service that
   * the batch removes: it is still in the maps.
   */
  add(plan: (moment: Moment) => Change): void;
  /** Whether a service of this key is to go. */
  removes(key: ServiceKey): boolean;
  /** All of them as one. Throws OUT_OF_MEMORY. */
  change(): Change;
};

/** `generation` is the one that the batch will take effect with. */
export function createBatch(state: State, { maps, generation, now }: Omit<Moment, 'state'>): Batch {
  const services = new Map<string, ServiceChange>();
  const destinations = new Map<number, DestinationChange>();
  const freshServices = new Set<number>();
  const isFresh = (slot: number): boolean => destinations.get(slot)?.before.kind === 'free';
  const moment: Moment = {
    ...{ state, generation, now },
    maps: viewOf(maps, { service: (slot) => freshServices.has(slot), destination: isFresh }),
  };

  const noteService = ({ before, after }: ServiceChange): void => {
    const entry = after ?? before;
    if (!entry) return;
    const key = serviceKeyText(entry);
    const known = services.get(key);
    if (known && !known.after && after) throw new FairleadError('SERVICE_EXISTS', key);
    const first = known ? known.before : before;
    if (first || after) services.set(key, { ...(first && { before: first }), ...(after && { after }) });
    else {
      services.delete(key); // nobody has seen it
      state.serviceSlots.free(entry.slot);
    }
    if (!before) freshServices.add(entry.slot);
  };
  const noteDestination = ({ slot, before, after }: DestinationChange): void => {
    destinations.set(slot, { slot, before: destinations.get(slot)?.before ?? before, after });
  };

  return {
    add(plan) {
      const planned = plan(moment);
      planned.services.forEach(noteService);
      planned.destinations.forEach(noteDestination);
      rememberEntries(state, planned);
    },
    removes(key) {
      const known = services.get(serviceKeyText(key));
      return known !== undefined && !known.after;
    },
    change() {
      const all = { services: [...services.values()], destinations: [...destinations.values()] };
      const change = placed(state, all);
      rememberEntries(state, { services: change.services, destinations: [] });
      return change;
    },
  };
}

type IsFresh = {
  readonly service: (slot: number) => boolean;
  readonly destination: (slot: number) => boolean;
};

/** The maps as plans read them: a slot that is still to be cleared is empty, and nothing is read twice. */
function viewOf(maps: DirectorMaps, isFresh: IsFresh): DirectorMaps {
  const known = new Map<number, ReturnType<DirectorMaps['serviceState']['get']>>();
  const serviceState: DirectorMaps['serviceState'] = {
    ...maps.serviceState,
    get(slot) {
      if (isFresh.service(slot)) return { cursor: 0n, localAt: 0n, edition: 0, pad: 0 };
      const value = known.get(slot) ?? maps.serviceState.get(slot);
      known.set(slot, value);
      return value;
    },
  };
  const destinationCounts: DirectorMaps['destinationCounts'] = {
    ...maps.destinationCounts,
    get: (slot) => (isFresh.destination(slot) ? [] : maps.destinationCounts.get(slot)),
  };
  return { ...maps, serviceState, destinationCounts };
}
