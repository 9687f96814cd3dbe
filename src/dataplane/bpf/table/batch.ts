/**
 * Several changes that take effect together: each is planned on what those before it have made, and all are carried
 * out as one. What they take away is in force until then, and its place in the maps is nobody else's.
 */

import { FairleadError } from '../../../ipvs/errors.ts';
import { type DestinationKey, type ServiceKey, serviceKeyText } from '../../../ipvs/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { createDraft, type Draft } from './draft.ts';
import { type Change, type DestinationEntry, listedIn, type ServiceEntry } from './entries.ts';
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
  /** Puts what has been made of a service's real servers, or of those of all services, into the state. */
  finish(key?: ServiceKey): void;
  /** A real server as it is by now, without that. */
  find(service: ServiceKey, key: DestinationKey): DestinationEntry | undefined;
  /** All of them as one; `undefined` where nothing is changed. Throws OUT_OF_MEMORY. */
  change(): Change | undefined;
};

/** `generation` is the one that the batch will take effect with. */
export function createBatch(
  state: State,
  { maps, generation, now }: Pick<Moment, 'maps' | 'generation' | 'now'>,
): Batch {
  const services = new Map<string, ServiceChange>();
  const destinations = new Map<number, DestinationChange>();
  const freshServices = new Set<number>();
  const drafts = new Map<string, Draft>();
  const isFresh = (slot: number): boolean => destinations.get(slot)?.before.kind === 'free';
  const view = viewOf(maps, { service: (slot) => freshServices.has(slot), destination: isFresh });

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

  const note = (planned: Change): void => {
    planned.services.forEach(noteService);
    planned.destinations.forEach(noteDestination);
    rememberEntries(state, planned);
  };
  const finishDraft = (text: string): void => {
    const change = drafts.get(text)?.change();
    drafts.delete(text);
    if (change && change.after !== change.before) note({ services: [change], destinations: [] });
  };
  const finish = (key?: ServiceKey): void => {
    if (key) finishDraft(serviceKeyText(key));
    else for (const text of [...drafts.keys()]) finishDraft(text);
  };

  const entryOf = (text: string): ServiceEntry => {
    const found = state.services.get(text);
    if (!found) throw new FairleadError('SERVICE_NOT_FOUND');
    return found;
  };
  const service = (key: ServiceKey): ServiceEntry => {
    finish(key);
    return entryOf(serviceKeyText(key));
  };
  const draft = (key: ServiceKey): Draft => {
    const text = serviceKeyText(key);
    const known = drafts.get(text);
    if (known) return known;
    const found = entryOf(text);
    // The scheduler's place is the data plane's, unless no packet has come since the change before.
    const { edition, cursor } = view.serviceState.get(found.slot);
    const begun = createDraft(found, edition === found.edition ? cursor : found.cursor);
    drafts.set(text, begun);
    return begun;
  };
  const moment: Moment = { state, generation, now, maps: view, service, draft };

  return {
    add: (plan) => note(plan(moment)),
    removes(key) {
      const known = services.get(serviceKeyText(key));
      return known !== undefined && !known.after;
    },
    finish,
    find(key, destination) {
      const known = drafts.get(serviceKeyText(key));
      if (known) return known.find(destination);
      return listedIn(state.services.get(serviceKeyText(key)), destination);
    },
    change() {
      finish();
      if (services.size === 0 && destinations.size === 0) return undefined;
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
