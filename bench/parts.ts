/** The parts of the benchmark, in the order in which they run. */

import { endToEndPart } from './end-to-end/part.ts';
import type { Part } from './part.ts';
import { perPacketPart } from './per-packet/part.ts';

export const parts: readonly Part[] = [perPacketPart, endToEndPart];
