/**
 * The MTU of a tunnel's way as routers tell it (RFC 1191). The kernel learns it for packets of its own, and of what the
 * data plane has sent it knows nothing. As bpf/lib/path_mtu.h.
 */

import { type Destination, stampOf } from './memory.ts';

/** net.ipv4.route.min_pmtu */
const leastPathMtu = 552;
/** net.ipv4.route.mtu_expires, 600 s, in stamps of 2^30 ns. */
const lifetime = 559;

/** By which a packet is measured that is about to be sent. */
export function measurePathMtu(destination: Destination, mtu: number, now: number): number {
  destination.sentMtu = pathMtu(destination, mtu, now);
  return destination.sentMtu;
}

/** A way does not grow by what a router says; it is forgotten in time. */
export function learnPathMtu(destination: Destination, told: number, now: number): void {
  const route = destination.route?.route;
  const known = pathMtu(destination, route?.kind === 'via' ? route.mtu : 0, now);
  const mtu = Math.max(told, leastPathMtu);
  if (mtu < known) destination.pathMtu = { stamp: stampOf(now), mtu };
}

/** The smaller one of the route's MTU and of what was told since. */
function pathMtu({ pathMtu: told }: Destination, mtu: number, now: number): number {
  return told && told.mtu < mtu && stampOf(now) - told.stamp < lifetime ? told.mtu : mtu;
}
