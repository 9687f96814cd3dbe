/**
 * Where an address is: the kernel's routing table says. What it says of a real server is kept for a second. As
 * bpf/lib/next_hop.h.
 */

import type { Address } from '../../ipvs/address.ts';
import type { Via } from './forward/plan.ts';
import { type Destination, type Memory, type Route, stampOf } from './memory.ts';

export function routeTo({ world }: Memory, address: Address): Route {
  return world.routes(address);
}

export function routeToDestination(memory: Memory, destination: Destination, now: number): Route {
  return remembered(destination, now) ?? ask(memory, destination, now);
}

/** Whether the real server is this host. Leaves it to the packet's way out to remember the route. */
export function isThisHost(memory: Memory, destination: Destination, now: number): boolean {
  const { kind } = remembered(destination, now) ?? routeTo(memory, destination.address);
  return kind === 'local';
}

/**
 * For XDP: only a neighbour whose MAC an earlier packet has asked for. One packet a second goes up to TC for each
 * destination, by design: it makes the kernel use the neighbour's entry, and so confirm it.
 */
export function neighbourOf(memory: Memory, destination: Destination, now: number): Via | undefined {
  const route = remembered(destination, now);
  if (route?.kind === 'via' && route.mac) return route;
  ask(memory, destination, now);
  return undefined;
}

/** Whether a packet without a connection of its own may be a real server's. */
export function mayBeReply({ replies, sysctls }: Memory): boolean {
  return replies.size > 0 || sysctls.nat_icmp_send !== 0;
}

function remembered({ route }: Destination, now: number): Route | undefined {
  return route?.stamp === stampOf(now) && route.route.kind !== 'unreachable' ? route.route : undefined;
}

function ask(memory: Memory, destination: Destination, now: number): Route {
  const route = routeTo(memory, destination.address);
  destination.route = { stamp: stampOf(now), route };
  return route;
}
