/** Connections that live frames make, and keep established. */

import type { DirectedWire } from './stage.ts';

/** A table grows with one sweep, and takes in with the next what had found no room. */
const rounds = 6;

/** The director has exactly these afterwards. */
export function establish({ wire, source, plane }: DirectedWire, flows: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const flags of ['SYN', 'ACK'] as const) wire.outside(() => source.send({ flows, flags }, flows));
    for (let sweep = 0; sweep < 2; sweep++) wire.inside(() => plane.sweep());
    if (plane.connectionTable().count === flows && round > 0) return;
  }
  throw new Error(`${plane.connectionTable().count} of ${flows} connections were made by live frames`);
}
