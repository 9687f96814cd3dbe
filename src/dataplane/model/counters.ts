/** What --stats shows, as it grows. Bytes are IP total lengths. As bpf/lib/count.h. */

import type { Counters } from '../../ipvs/service.ts';
import type { Destination } from './memory.ts';

export type Counts = { -readonly [Name in keyof Counters]: Counters[Name] };

export function noCounts(): Counts {
  return { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
}

export function clearCounts(counts: Counts): void {
  Object.assign(counts, noCounts());
}

export function countConnection(destination: Destination): void {
  for (const counts of countsOf(destination)) counts.connections++;
}

export function countIn(destination: Destination, bytes: number): void {
  for (const counts of countsOf(destination)) {
    counts.inPackets++;
    counts.inBytes += bytes;
  }
}

export function countOut(destination: Destination, bytes: number): void {
  for (const counts of countsOf(destination)) {
    counts.outPackets++;
    counts.outBytes += bytes;
  }
}

/** A packet counts for its real server and for the service that has it, while it has it. */
function countsOf({ counts, service, available }: Destination): readonly Counts[] {
  return service && available ? [counts, service.counts] : [];
}
