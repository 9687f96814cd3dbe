/** The neighbours that the calling thread's network namespace knows. */

import type { Neighbour } from '../ipvs/neighbour.ts';
import { askKernel } from './netlink-socket.ts';
import { neighbourDumpRequest, neighboursIn } from './rtnetlink-neighbour.ts';

/** All of them, in the kernel's order. */
export function listNeighbours(): readonly Neighbour[] {
  return neighboursIn(askKernel('RTM_GETNEIGH', neighbourDumpRequest()));
}
