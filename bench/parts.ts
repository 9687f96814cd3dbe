/** The parts of the benchmark, in the order in which they run. The last one runs only where it is asked for: it boots a machine. */

import { churnPart } from './churn/part.ts';
import { endToEndPart } from './end-to-end/part.ts';
import { ipvsPart } from './live/guest.ts';
import { livePart } from './live/part.ts';
import type { Part } from './part.ts';
import { perPacketPart } from './per-packet/part.ts';
import { profilePart } from './profile/part.ts';
import { reloadPart } from './reload/part.ts';
import { scalePart } from './scale/part.ts';

export const parts: readonly Part[] = [
  perPacketPart,
  profilePart,
  livePart,
  endToEndPart,
  churnPart,
  scalePart,
  reloadPart,
  ipvsPart,
];
