/**
 * lblc: locality-based least connections. A destination address stays with the destination it was last sent to,
 * unless that one is quiesced, gone or busy while another is idle; then as wlc (ip_vs_lblc.c). As in IPVS, its upper
 * threshold does not keep it from being stayed with. As bpf/lib/schedule/lblc.h.
 */

import type { Address } from '../../../ipvs/address.ts';
import type { Destination, Service } from '../memory.ts';
import { findCached, isBusy, isListed, startCached } from './cache.ts';
import { scheduleWlc } from './wlc.ts';

export function scheduleLblc(
  service: Service,
  virtual: Address,
  now: number,
  expiration: number,
): Destination | undefined {
  const cached = findCached(service, virtual, now, expiration);
  const [server] = cached?.servers ?? [];
  if (server && isListed(service, server) && server.config.weight > 0 && !isBusy(service, server))
    return server;
  const chosen = scheduleWlc(service);
  if (chosen && cached) cached.servers = [chosen];
  else if (chosen) startCached(service, virtual, chosen, now);
  return chosen;
}
