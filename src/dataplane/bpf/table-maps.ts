/** The table's reads and writes of the services' and destinations' maps, one struct at a time. */

import { ipv4FromNumber, ipv4ToNumber, type Port } from '../../ipvs/address.ts';
import { hashTableOf } from '../../ipvs/hash/table.ts';
import { maxWeightOf, weightGcd } from '../../ipvs/weights.ts';
import { FlDestinationFlag, FlMethod, type flDestination, flServiceKey } from './abi.gen.ts';
import {
  decodeServiceKey,
  encodeServiceKey,
  flagsFromBits,
  flagsToBits,
  schedulerFromNumber,
  schedulerNumber,
} from './codec.ts';
import { countsFromBytes, countsToBytes } from './counts.ts';
import type { DirectorMaps } from './director-maps.ts';
import { type Decoded, decode, encode } from './layout.ts';
import type { DestinationEntry, ServiceEntry, TrashEntry } from './table.ts';

export type TableMaps = ReturnType<typeof createTableMaps>;

export function createTableMaps(maps: DirectorMaps) {
  const put = (item: TrashEntry, next: number, flags: number): void => {
    const { entry, service, deletedAt } = item;
    maps.destinations.set(entry.slot, {
      address: ipv4ToNumber(entry.address),
      port: entry.port,
      method: FlMethod.FL_METHOD_GATE,
      flags,
      weight: entry.weight,
      next,
      sequence: entry.sequence,
      serviceSlot: entry.serviceSlot,
      lastWeight: entry.lastWeight,
      service: encode(flServiceKey, encodeServiceKey(service)),
      deletedAt,
      zeroed: countsToBytes(entry.zeroed),
    });
  };

  /** The table is there before the scheduler that looks into it. */
  const putHashTable = ({ slot, scheduler, destinations }: ServiceEntry): void => {
    const table = hashTableOf(scheduler, destinations);
    if (table) maps.hashTables.set({ value: slot }, { slot: table });
    else maps.hashTables.delete({ value: slot });
  };

  const destinationsOf = (first: number): DestinationEntry[] => {
    const entries: DestinationEntry[] = [];
    const seen = new Set<number>();
    for (let slot = first; slot !== 0 && !seen.has(slot); ) {
      seen.add(slot);
      const value = maps.destinations.get(slot);
      entries.push(destinationEntry(slot, value));
      slot = value.next;
    }
    return entries;
  };

  return {
    putService(service: ServiceEntry): void {
      putHashTable(service);
      const weights = service.destinations.map(({ weight }) => weight);
      maps.services.set(encodeServiceKey(service), {
        slot: service.slot,
        scheduler: schedulerNumber(service.scheduler),
        first: service.destinations[0]?.slot ?? 0,
        generation: service.generation,
        weightGcd: weightGcd(weights),
        weightMax: maxWeightOf(weights),
        flags: flagsToBits(service.flags),
        born: service.born,
        cursor: service.cursor,
        zeroed: countsToBytes(service.zeroed),
      });
    },

    dropService(service: ServiceEntry): void {
      maps.services.delete(encodeServiceKey(service));
      maps.hashTables.delete({ value: service.slot });
    },

    /** Makes a slot fit for a new real server: nothing counted, nothing bound. */
    clearDestination(slot: number): void {
      maps.destinationState.set(slot, {});
      maps.destinationCounts.clear(slot);
    },

    /** `next` is the older neighbour in the list. */
    putDestination(service: ServiceEntry, entry: DestinationEntry, next: DestinationEntry | undefined): void {
      put({ service, entry, deletedAt: 0n }, next?.slot ?? 0, FlDestinationFlag.FL_DESTINATION_AVAILABLE);
    },

    /** A scheduler that stands on this destination now still finds its way on. */
    putTrash(item: TrashEntry): void {
      put(item, maps.destinations.get(item.entry.slot).next, 0);
    },

    *readServices(): Generator<ServiceEntry> {
      for (const [key, value] of maps.services.entries()) {
        yield {
          ...decodeServiceKey(key),
          scheduler: schedulerFromNumber(value.scheduler),
          flags: flagsFromBits(value.flags),
          born: value.born,
          slot: value.slot,
          generation: value.generation,
          cursor: value.cursor,
          zeroed: countsFromBytes(value.zeroed),
          destinations: destinationsOf(value.first),
        };
      }
    },

    /** Every destination in the map, listed or not. */
    *readDestinations(): Generator<TrashEntry> {
      for (const [slot, value] of maps.destinations.used()) {
        const service = decodeServiceKey(decode(flServiceKey, value.service));
        yield { service, entry: destinationEntry(slot, value), deletedAt: value.deletedAt };
      }
    },
  };
}

function destinationEntry(slot: number, value: Decoded<typeof flDestination>): DestinationEntry {
  return {
    address: ipv4FromNumber(value.address),
    port: value.port as Port,
    method: 'gate',
    weight: value.weight,
    slot,
    sequence: value.sequence,
    lastWeight: value.lastWeight,
    serviceSlot: value.serviceSlot,
    zeroed: countsFromBytes(value.zeroed),
  };
}
