/**
 * lblcr: lblc with replication. A destination address has a set of destinations and is sent to the least loaded of
 * them. When that one is busy while another is idle, wlc's choice joins the set; when the set has not changed for
 * the expiration time, its most loaded member leaves it (ip_vs_lblcr.c). As bpf/lib/schedule/lblcr.h.
 *
 * A set has its newest member last; walks begin there.
 */

import type { Address } from '../../../ipvs/address.ts';
import type { Destination, Service } from '../memory.ts';
import { findCached, isBusy, isListed, startCached } from './cache.ts';
import { isEligible } from './eligible.ts';
import { isLess, leastLoaded, overheadOf } from './least.ts';
import type { Cached } from './memory.ts';
import { scheduleWlc } from './wlc.ts';

/** So many destinations does a set hold (FL_CACHE_SERVERS). */
const mostServers = 16;

export function scheduleLblcr(
  service: Service,
  virtual: Address,
  now: number,
  expiration: number,
): Destination | undefined {
  const cached = findCached(service, virtual, now, expiration);
  const server = cached && chooseOf(service, cached, now, expiration);
  if (server && !isBusy(service, server)) return server;
  const chosen = scheduleWlc(service);
  if (chosen && cached) addTo(cached, chosen, now);
  else if (chosen) startCached(service, virtual, chosen, now);
  return chosen;
}

/** The least loaded eligible member. The most loaded one may leave, even if it is that. */
function chooseOf(
  service: Service,
  cached: Cached,
  now: number,
  expiration: number,
): Destination | undefined {
  const newestFirst = cached.servers.toReversed();
  const least = leastLoaded(
    newestFirst.filter((server) => isListed(service, server) && isEligible(server)),
    overheadOf,
  );
  if (newestFirst.length > 1 && now > cached.lastChanged + expiration) {
    const most = mostLoaded(service, newestFirst);
    if (most)
      change(
        cached,
        cached.servers.filter((server) => server !== most),
        now,
      );
  }
  return least;
}

/** One that has gone from the list is the first to leave; one that is quiesced does not. */
function mostLoaded(service: Service, servers: readonly Destination[]): Destination | undefined {
  let most: Destination | undefined;
  for (const server of servers) {
    if (!isListed(service, server)) return server;
    if (server.config.weight === 0) continue;
    const isMore =
      !most || isLess(overheadOf(most), most.config.weight, overheadOf(server), server.config.weight);
    if (isMore) most = server;
  }
  return most;
}

/** A full set loses its oldest member. */
function addTo(cached: Cached, server: Destination, now: number): void {
  if (cached.servers.includes(server)) return;
  const kept = cached.servers.length < mostServers ? cached.servers : cached.servers.slice(1);
  change(cached, [...kept, server], now);
}

function change(cached: Cached, servers: readonly Destination[], now: number): void {
  cached.servers = servers;
  cached.lastChanged = now;
}
