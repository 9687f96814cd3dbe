/** Deleted real servers by the service they belonged to, as the table remembers them. */

import {
  type DestinationKey,
  destinationKeyText,
  type ServiceKey,
  serviceKeyText,
} from '../../../ipvs/service.ts';
import type { TrashEntry } from './entries.ts';

export type Trash = {
  find(service: ServiceKey, destination: DestinationKey): TrashEntry | undefined;
  put(entry: TrashEntry): void;
  remove(service: ServiceKey, destination: DestinationKey): void;
  ofService(service: ServiceKey): readonly TrashEntry[];
  all(): Generator<TrashEntry>;
  copy(): Trash;
};

export function createTrash(services = new Map<string, Map<string, TrashEntry>>()): Trash {
  return {
    find: (service, destination) =>
      services.get(serviceKeyText(service))?.get(destinationKeyText(destination)),
    put(entry) {
      const key = serviceKeyText(entry.service);
      const destinations = services.get(key) ?? new Map<string, TrashEntry>();
      services.set(key, destinations.set(destinationKeyText(entry), entry));
    },
    remove(service, destination) {
      const destinations = services.get(serviceKeyText(service));
      destinations?.delete(destinationKeyText(destination));
      if (destinations?.size === 0) services.delete(serviceKeyText(service));
    },
    ofService: (service) => [...(services.get(serviceKeyText(service))?.values() ?? [])],
    *all() {
      for (const destinations of services.values()) yield* destinations.values();
    },
    copy: () => createTrash(new Map([...services].map(([key, entries]) => [key, new Map(entries)]))),
  };
}
