/** The table's memory: a mirror of what is settled in the maps, and which places in them are free. */

import type { Address } from '../../../ipvs/address.ts';
import { serviceKeyText } from '../../../ipvs/service.ts';
import { FlLimit } from '../abi.gen.ts';
import type { Change, Holding, ServiceEntry } from './entries.ts';
import { createExtents, type Extents } from './extents.ts';
import { type Hints, hintsAfter, noHints, turnover, vipsOfChange } from './hints.ts';
import { type MasqServers, rememberMasqServers } from './masq-servers.ts';
import { release } from './places.ts';
import { createSlots, type Slots } from './slots.ts';
import { createTrash, type Trash } from './trash.ts';
import { addTo, takeFrom, type VipFilter } from './vip-filter.ts';

export type State = {
  /** By serviceKeyText, in the order of addition. */
  readonly services: Map<string, ServiceEntry>;
  readonly trash: Trash;
  /** Every real server by its slot in `destinations`, deleted ones included. */
  readonly bySlot: Map<number, Holding>;
  readonly serviceSlots: Slots;
  readonly destinationSlots: Slots;
  readonly extents: Extents;
  /** Keys of `hash_tables`. */
  readonly tables: Slots;
  /** How many services have an address. */
  readonly vips: Map<Address, number>;
  /** The bits of those addresses. */
  readonly filter: VipFilter;
  readonly masqServers: MasqServers;
  hints: Hints;
};

/** Hash tables that there can be: twice the services, as the map has room for. */
const tableLimit = 2 * FlLimit.FL_LIMIT_SERVICES;

/** The state of maps that hold these. */
export function stateOf(found: Change): State {
  const services = found.services.flatMap(({ after }) => (after ? [after] : []));
  const state: State = {
    services: new Map(),
    trash: createTrash(),
    bySlot: new Map(),
    serviceSlots: createSlots(
      FlLimit.FL_LIMIT_SERVICES,
      services.map(({ slot }) => slot),
    ),
    destinationSlots: createSlots(
      FlLimit.FL_LIMIT_DESTINATIONS,
      found.destinations.map(({ slot }) => slot),
    ),
    extents: createExtents(
      FlLimit.FL_LIMIT_MEMBERS,
      services.map(({ extent }) => extent),
    ),
    tables: createSlots(
      tableLimit,
      services.flatMap(({ table }) => (table === 0 ? [] : [table])),
    ),
    vips: new Map(),
    filter: new Map(),
    masqServers: new Map(),
    hints: noHints,
  };
  remember(state, found);
  return state;
}

/** Another one that says the same: what is made of either, the other does not know. */
export function copyOf(state: State): State {
  const { services, trash, bySlot, serviceSlots, destinationSlots, extents, tables, hints } = state;
  return {
    services: new Map(services),
    trash: trash.copy(),
    bySlot: new Map(bySlot),
    serviceSlots: serviceSlots.copy(),
    destinationSlots: destinationSlots.copy(),
    extents: extents.copy(),
    tables: tables.copy(),
    vips: new Map(state.vips),
    filter: new Map(state.filter),
    masqServers: new Map(state.masqServers),
    hints,
  };
}

/** What a change that was carried out makes of the state. */
export function remember(state: State, change: Change): void {
  rememberEntries(state, change);
  rememberHints(state, change);
  release(state, change);
}

/** The part of it that other changes are planned on: no place that a service had is given back. */
export function rememberEntries(state: State, change: Change): void {
  for (const each of change.services) rememberService(state, each);
  for (const { slot, before, after } of change.destinations) {
    if (before.kind === 'trash') state.trash.remove(before.holding.service, before.holding);
    if (after.kind === 'trash') state.trash.put(after.holding);
    if (after.kind === 'free') {
      state.bySlot.delete(slot);
      state.destinationSlots.free(slot);
    } else state.bySlot.set(slot, after.holding);
  }
}

/** The part of it that is counted. */
export function rememberHints(state: State, change: Change): void {
  const gains = vipsOfChange(change);
  const { comes, goes } = turnover(state.vips, gains);
  state.hints = hintsAfter(state.hints, change);
  rememberMasqServers(state.masqServers, change);
  addTo(state.filter, comes);
  takeFrom(state.filter, goes);
  for (const [address, gain] of gains) {
    const count = (state.vips.get(address) ?? 0) + gain;
    if (count > 0) state.vips.set(address, count);
    else state.vips.delete(address);
  }
}

function rememberService(state: State, { before, after }: Change['services'][number]): void {
  if (after) state.services.set(serviceKeyText(after), after);
  else if (before) state.services.delete(serviceKeyText(before));
}
