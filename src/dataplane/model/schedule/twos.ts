/**
 * twos: the power of two choices. Two destinations are drawn at random, each with a chance in proportion to its
 * weight, and the one with less overhead per weight gets the connection; the first drawn on a tie (ip_vs_twos.c). As
 * bpf/lib/schedule/twos.h.
 */

import type { Destination, Service, World } from '../memory.ts';
import { eligibleOf } from './eligible.ts';
import { leastLoaded, overheadOf } from './least.ts';

export function scheduleTwos(service: Service, draw: World['draw']): Destination | undefined {
  const eligible = eligibleOf(service);
  const total = eligible.reduce((sum, { config }) => sum + config.weight, 0);
  if (total === 0) return undefined;
  const drawn = [ownerOf(eligible, draw(total)), ownerOf(eligible, draw(total))];
  return leastLoaded(
    drawn.filter((destination) => destination !== undefined),
    overheadOf,
  );
}

/** Whose stretch it is, of the weights laid end to end. */
function ownerOf(destinations: readonly Destination[], place: number): Destination | undefined {
  let left = place;
  return destinations.find(({ config }) => {
    left -= config.weight;
    return left < 0;
  });
}
