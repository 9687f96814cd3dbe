/**
 * dh, sh and mh: the destination that a table has under a hash of the packet; the next one with `flag-1`, nobody
 * without, if that one is not eligible. Tables and hashes are those of src/ipvs/hash/, as in bpf/lib/schedule/hash.h.
 */

import { hashPlaces, hashTableOf } from '../../../ipvs/hash/table.ts';
import { serviceFamily } from '../../../ipvs/service.ts';
import type { Destination, Service } from '../memory.ts';
import type { Tuple } from '../packet/packet.ts';
import { isEligible } from './eligible.ts';

export function scheduleByHash(service: Service, packet: Tuple): Destination | undefined {
  const { scheduler, flags } = service.config;
  service.scheduling.table ??= tableOf(service);
  for (const place of hashPlaces(scheduler, flags, packet) ?? []) {
    const destination = service.scheduling.table[place];
    if (!destination || isEligible(destination)) return destination;
  }
  return undefined;
}

function tableOf({ config, destinations }: Service): readonly (Destination | undefined)[] {
  const numbered = destinations.map(({ address, port, config: { weight }, lastWeight }, index) => ({
    slot: index + 1,
    address,
    port,
    weight,
    lastWeight,
  }));
  const table = hashTableOf(config.scheduler, numbered, serviceFamily(config)) ?? [];
  return table.map((slot) => destinations[slot - 1]);
}
