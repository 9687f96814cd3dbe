/**
 * Taking over the maps of an earlier daemon: what it had prepared is taken back, what it had committed is settled,
 * and no packet sees a difference. Also what makes a table whole again after a change that broke off.
 */

import { familyOf } from '../../../ipvs/address.ts';
import { type ServiceKey, serviceFamily, serviceKeyText } from '../../../ipvs/service.ts';
import { FlLimit, type flService, type flServiceKey } from '../abi.gen.ts';
import { addressFromWords, addressToWords } from '../codec/address.ts';
import { signedCounts } from '../codec/counts.ts';
import { decodeServiceKey, decodeSettings } from '../codec/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Decoded } from '../layout.ts';
import {
  type DestinationEntry,
  free,
  type Holding,
  listed,
  type Place,
  type ServiceEntry,
  trashed,
} from './entries.ts';
import { noExtent, roomFor } from './extents.ts';
import { sameHints } from './hints.ts';
import { settleMarkRules } from './mark-rules.ts';
import { adoptMasqServers } from './masq-servers.ts';
import { type State, stateOf } from './state.ts';
import { type Kernel, thresholdRelieves } from './transaction.ts';
import {
  foundDestination,
  foundService,
  settledDestination,
  settledService,
  settlingDestination,
} from './versions.ts';
import { type VipFilter, wordOf } from './vip-filter.ts';

export function adopt(kernel: Kernel): State {
  const { maps } = kernel;
  settleMarkRules(maps);
  const found = [...maps.services.entries()];
  const places = adoptDestinations(
    kernel,
    new Map(found.map(([, { slot, retirement }]) => [slot, retirement])),
  );
  const services = adoptServices(maps, found, places);
  const destinations = [...tidied(kernel, places, services)].map(([slot, after]) => ({
    slot,
    before: free,
    after,
  }));
  const state = stateOf({ services: services.map((after) => ({ after })), destinations });
  adoptHints(maps, state);
  adoptMasqServers(maps, state.masqServers);
  adoptHashTables(maps, services);
  return state;
}

/** Every slot in use, settled. */
function adoptDestinations(
  { maps, relieve }: Kernel,
  retirements: ReadonlyMap<number, number>,
): Map<number, Place> {
  const { generation } = maps.settings.get(0);
  const places = new Map<number, Place>();
  for (const [slot, value] of maps.destinations.used()) {
    const { inForce, isSettled, was } = foundDestination(slot, value, generation, retirements);
    if (was && inForce.kind === 'listed') {
      if (thresholdRelieves(was.upper, inForce.holding.upperThreshold)) relieve(slot);
      maps.destinations.set(slot, settlingDestination(value));
    }
    if (!isSettled) maps.destinations.set(slot, settledDestination(inForce));
    if (inForce.kind !== 'free') places.set(slot, inForce);
  }
  return places;
}

/** In the order of addition: the map's own is that of a hash, slots are given out one after the other. */
function adoptServices(
  maps: DirectorMaps,
  inMap: readonly (readonly [Decoded<typeof flServiceKey>, Decoded<typeof flService>])[],
  places: ReadonlyMap<number, Place>,
): readonly ServiceEntry[] {
  const { generation } = maps.settings.get(0);
  const services: ServiceEntry[] = [];
  for (const [key, value] of inMap) {
    const found = foundService(value, generation);
    if (!found) {
      maps.services.delete(key);
      continue;
    }
    const { inForce: config, isSettled } = found;
    const service = decodeServiceKey(key);
    const entry: ServiceEntry = {
      ...service,
      ...decodeSettings(serviceFamily(service), config),
      slot: value.slot,
      edition: config.edition,
      born: config.born,
      cursor: config.cursor,
      weightGcd: config.weightGcd,
      weightMax: config.weightMax,
      extent: config.count === 0 ? noExtent : { first: config.first, room: roomFor(config.count) },
      table: config.table,
      retired: signedCounts(value.retired),
      retirement: value.retirement,
      zeroed: signedCounts(value.zeroed),
      destinations: listOf(maps, config, places),
    };
    if (!isSettled) maps.services.set(key, settledService(entry));
    services.push(entry);
  }
  return services.sort((a, b) => a.slot - b.slot);
}

function listOf(
  maps: DirectorMaps,
  { first, count }: { readonly first: number; readonly count: number },
  places: ReadonlyMap<number, Place>,
): readonly DestinationEntry[] {
  return maps.members.range(first, count).map(({ destination, lastWeight, sequence }) => {
    const place = places.get(destination);
    if (place?.kind !== 'listed') throw new Error(`a service lists slot ${destination}, which is not in use`);
    return { ...place.holding, lastWeight, sequence };
  });
}

/**
 * The trash of services that are gone belongs to none: a slot that is used again must not be taken for the old one.
 * What no service lists, though nothing says that it was deleted, is trash from now on.
 */
function tidied(
  { maps, now }: Kernel,
  places: ReadonlyMap<number, Place>,
  services: readonly ServiceEntry[],
): Map<number, Place> {
  const { generation } = maps.settings.get(0);
  const slots = new Map(services.map((service) => [serviceKeyText(service), service.slot]));
  const lists = new Set(services.flatMap(({ destinations }) => destinations.map(({ slot }) => slot)));
  const serviceSlot = (service: ServiceKey, slot: number): number =>
    slots.get(serviceKeyText(service)) === slot ? slot : 0;
  const tidy = (place: Exclude<Place, { kind: 'free' }>): Place => {
    const { holding } = place;
    if (lists.has(holding.slot)) return listed(holding);
    const own: Holding = { ...holding, serviceSlot: serviceSlot(holding.service, holding.serviceSlot) };
    if (place.kind === 'listed') return trashed({ ...own, deletedAt: now(), until: generation });
    return own.serviceSlot === holding.serviceSlot ? place : trashed({ ...place.holding, ...own });
  };
  return new Map(
    [...places].map(([slot, place]) => {
      if (place.kind === 'free') return [slot, place];
      const after = tidy(place);
      if (after.kind === 'trash' && after !== place) maps.destinations.set(slot, settledDestination(after));
      return [slot, after];
    }),
  );
}

function adoptHints(maps: DirectorMaps, { hints, vips, filter }: State): void {
  const settings = maps.settings.get(0);
  for (const [address, count] of vips) {
    const key = { address: addressToWords(address), family: familyOf(address) };
    if (maps.vips.get(key)?.value !== count) maps.vips.set(key, { value: count });
  }
  for (const [key] of [...maps.vips.entries()]) {
    if (!vips.has(addressFromWords(key.family, key.address))) maps.vips.delete(key);
  }
  adoptFilter(maps, filter);
  if (!sameHints(settings, hints)) maps.settings.set(0, { ...settings, ...hints });
}

function adoptFilter(maps: DirectorMaps, filter: VipFilter): void {
  const words = maps.vipFilter.range(0, FlLimit.FL_LIMIT_FILTER_WORDS);
  for (const [index, { value }] of words.entries()) {
    const wanted = wordOf(filter, index);
    if (value !== wanted) maps.vipFilter.set(index, { value: wanted });
  }
}

function adoptHashTables(maps: DirectorMaps, services: readonly ServiceEntry[]): void {
  const used = new Set(services.map(({ table }) => table));
  for (const key of [...maps.hashTables.keys()]) if (!used.has(key.value)) maps.hashTables.delete(key);
}
