/** Neighbours: hosts of a segment, as the kernel knows them (ip-neighbour(8)). */

import type { Address } from './address.ts';

/** The kernel's own words, in the order of its bits (NUD_* of linux/neighbour.h). */
export const neighbourStates = [
  'incomplete',
  'reachable',
  'stale',
  'delay',
  'probe',
  'failed',
  'noarp',
  'permanent',
] as const;
export type NeighbourState = (typeof neighbourStates)[number];

export type Neighbour = {
  /** Of the interface. */
  readonly index: number;
  readonly address: Address;
  readonly state: NeighbourState;
  /** Where one is known. */
  readonly mac?: string;
};

/** Whether frames can be sent to it, or somebody has still to answer. */
export function isResolved(state: NeighbourState): boolean {
  return state !== 'incomplete' && state !== 'failed';
}
