/**
 * What lblc and lblcr remember: which destination, or which few, a destination address was last sent to. What was
 * not used for the expiration time is as good as gone. As bpf/lib/schedule/cache.h.
 */

import type { Address } from '../../../ipvs/address.ts';
import type { Destination, Service } from '../memory.ts';
import type { Cached } from './memory.ts';

/** The entry, now used. Nanoseconds. */
export function findCached(
  { scheduling }: Service,
  virtual: Address,
  now: number,
  expiration: number,
): Cached | undefined {
  const cached = scheduling.cache.get(virtual);
  if (!cached || now > cached.lastUsed + expiration) return undefined;
  cached.lastUsed = now;
  return cached;
}

/** Begins the entry anew with one server. */
export function startCached(
  { scheduling }: Service,
  virtual: Address,
  server: Destination,
  now: number,
): void {
  scheduling.cache.set(virtual, { lastUsed: now, lastChanged: now, servers: [server] });
}

export function isListed({ destinations }: Service, destination: Destination): boolean {
  return destinations.includes(destination);
}

/** More active connections than it weighs, while another has less than half of that. */
export function isBusy({ destinations }: Service, { active, config }: Destination): boolean {
  return active > config.weight && destinations.some((other) => other.active * 2 < other.config.weight);
}
