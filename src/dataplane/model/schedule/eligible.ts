import type { Destination, Service } from '../memory.ts';

/** IPVS: a destination gets new connections unless it is quiesced (weight 0) or its upper threshold was reached. */
export function isEligible({ config, overloaded }: Destination): boolean {
  return config.weight > 0 && !overloaded;
}

/** Newest first. */
export function eligibleOf({ destinations }: Service): readonly Destination[] {
  return destinations.filter(isEligible);
}
