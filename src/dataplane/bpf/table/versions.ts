/**
 * Services and real servers as the maps hold them before and after a commit, and what an earlier daemon's are
 * worth: docs/design/0007-versioned-configuration.md. Pure.
 */

import { familyOf, type Port } from '../../../ipvs/address.ts';
import { serviceFamily } from '../../../ipvs/service.ts';
import type { flDestination, flDestinationConfig, flService, flServiceConfig } from '../abi.gen.ts';
import { addressFromWords, addressToWords } from '../codec/address.ts';
import { signedCounts } from '../codec/counts.ts';
import { decodeDestinationSettings, encodeDestinationSettings } from '../codec/destination.ts';
import { decodeServiceKey, encodeServiceKey, encodeSettings } from '../codec/service.ts';
import type { Decoded, Encodable } from '../layout.ts';
import {
  type Change,
  free,
  type Holding,
  listed,
  type Place,
  type ServiceEntry,
  trashed,
} from './entries.ts';
import { hasBegun, hasEnded } from './generation.ts';

export type ServiceValue = Encodable<typeof flService>;
export type DestinationValue = Encodable<typeof flDestination>;
type Config<C extends 'service' | 'destination'> = Decoded<
  C extends 'service' ? typeof flServiceConfig : typeof flDestinationConfig
>;

/** A service that holds always. */
export function settledService(entry: ServiceEntry): ServiceValue {
  return serviceValue(entry, {});
}

/** A service that changes with this generation. */
export function preparedService(
  { before, after }: Change['services'][number],
  generation: number,
): ServiceValue {
  if (!before) return after ? serviceValue(after, { since: generation }) : {};
  if (!after) return serviceValue(before, { until: generation });
  const config = [serviceConfig(before), serviceConfig(after)];
  return serviceValue(before, { nextSince: generation, config });
}

// Spreads stand last below: with one in front, V8 takes thirty times as long.

function serviceValue(entry: ServiceEntry, version: ServiceValue): ServiceValue {
  const { slot, retired, retirement, zeroed } = entry;
  return { slot, config: [serviceConfig(entry), {}], retired, retirement, zeroed, ...version };
}

function serviceConfig(entry: ServiceEntry): Encodable<typeof flServiceConfig> {
  return {
    first: entry.extent.first,
    count: entry.destinations.length,
    edition: entry.edition,
    born: entry.born,
    cursor: entry.cursor,
    weightGcd: entry.weightGcd,
    weightMax: entry.weightMax,
    table: entry.table,
    ...encodeSettings(serviceFamily(entry), entry),
  };
}

/** What a slot of `destinations` holds once nothing of it is to come. */
export function settledDestination(place: Place): DestinationValue {
  switch (place.kind) {
    case 'free':
      return {};
    case 'listed':
      return destinationValue(place.holding, {});
    case 'trash': {
      const { until, deletedAt } = place.holding;
      return destinationValue(place.holding, { until, deletedAt });
    }
  }
}

/** What it holds before the generation it changes with. `undefined`: nothing that a packet could see changes. */
export function preparedDestination(
  { before, after }: Change['destinations'][number],
  generation: number,
): DestinationValue | undefined {
  switch (after.kind) {
    case 'free':
      return undefined;
    case 'trash': {
      if (before.kind !== 'listed') return undefined;
      // The slot of its service stays until then: packets count for it.
      return destinationValue(before.holding, { until: generation, deletedAt: after.holding.deletedAt });
    }
    case 'listed': {
      if (before.kind === 'free') return destinationValue(after.holding, { since: generation });
      const config = [encodeDestinationSettings(before.holding), encodeDestinationSettings(after.holding)];
      const next = { nextSince: generation, config };
      if (before.kind === 'listed') return destinationValue(before.holding, next);
      const { deletedAt } = before.holding;
      return destinationValue(after.holding, { since: generation, deletedAt, ...next });
    }
  }
}

/** Between prepared and settled: both configurations are the new one, so that either may be read. */
export function settlingDestination(prepared: DestinationValue): DestinationValue {
  const config = prepared.config?.[1] ?? {};
  return { ...prepared, config: [config, config] };
}

function destinationValue(holding: Holding, version: DestinationValue): DestinationValue {
  return {
    address: addressToWords(holding.address),
    port: holding.port,
    family: familyOf(holding.address),
    used: 1,
    serviceSlot: holding.serviceSlot,
    config: [encodeDestinationSettings(holding), {}],
    service: encodeServiceKey(holding.service),
    zeroed: holding.zeroed,
    elsewhere: holding.elsewhere,
    ...version,
  };
}

/** What is in force of something found, and whether it holds always. */
export type Found<T> = { readonly inForce: T; readonly isSettled: boolean };

/** The configuration in force of a service found in the map; `undefined` where there is none. */
export function foundService(
  value: Decoded<typeof flService>,
  generation: number,
): Found<Config<'service'>> | undefined {
  const { since, until, nextSince, config } = value;
  if (!hasBegun(since, generation) || hasEnded(until, generation)) return undefined;
  const inForce = versionInForce(config, nextSince, generation);
  return { inForce, isSettled: since === 0 && until === 0 && nextSince === 0 };
}

/**
 * A slot of `destinations` as found in the map: what was prepared only is taken back. `retirements` are those of
 * services, by slot.
 */
export function foundDestination(
  slot: number,
  value: Decoded<typeof flDestination>,
  generation: number,
  retirements: ReadonlyMap<number, number>,
): Found<Place> & { readonly was?: Config<'destination'> } {
  const { since, until, nextSince, deletedAt, retirement } = value;
  if (value.used === 0) return { inForce: free, isSettled: true };
  if (retirement !== 0 && retirements.get(value.serviceSlot) === retirement)
    return { inForce: free, isSettled: false };
  const begun = hasBegun(since, generation);
  if (!begun && deletedAt === 0n) return { inForce: free, isSettled: false };
  const inForce = versionInForce(value.config, nextSince, generation);
  const holding: Holding = {
    ...decodeDestinationSettings(inForce),
    address: addressFromWords(value.family, value.address),
    port: value.port as Port,
    slot,
    service: decodeServiceKey(value.service),
    serviceSlot: value.serviceSlot,
    zeroed: signedCounts(value.zeroed),
    elsewhere: signedCounts(value.elsewhere),
  };
  const ended = hasEnded(until, generation);
  const isSettled = since === 0 && nextSince === 0 && retirement === 0 && (ended || until === 0);
  if (begun && !ended) {
    // Only what was committed has another configuration behind it.
    const was = nextSince !== 0 && hasBegun(nextSince, generation) ? { was: oldest(value.config) } : {};
    return { inForce: listed(holding), isSettled, ...was };
  }
  return { inForce: trashed({ ...holding, deletedAt, until: ended ? until : generation }), isSettled };
}

function versionInForce<C>(config: readonly C[], nextSince: number, generation: number): C {
  const chosen = nextSince !== 0 && hasBegun(nextSince, generation) ? config[1] : config[0];
  return chosen ?? oldest(config);
}

function oldest<C>(config: readonly C[]): C {
  const first = config[0];
  if (!first) throw new Error('a struct without its first version');
  return first;
}
