/** Packets as the wire brings them: to XDP first where it stands in front, and to TC what XDP passes up. */

import { expect } from 'vitest';
import type { Bench } from './bench.ts';
import type { Hook, Passage } from './passage.ts';

/** `by` is the hook that had the last word. */
export type Sent = Passage & { readonly by: Hook };

/**
 * Sends a packet. With `xdp`, a packet that XDP passes up must be unchanged and uncounted.
 *
 * XDP passes up the first packet a second to each real server, on purpose (bpf/lib/next_hop.h). So it is asked
 * again, and once more in case the second turned in between.
 */
export function send(bench: Bench, hook: Hook, frame: Uint8Array): Sent {
  if (hook === 'tc') return { ...bench.run('tc', frame), by: 'tc' };
  const before = bench.isHeld() && packetCounts(bench);
  for (let attempt = 0; attempt < 3; attempt++) {
    const passage = bench.run('xdp', frame);
    if (passage.fate !== 'stack') return { ...passage, by: 'xdp' };
    expect(passage.packet, 'a packet that XDP passes up').toEqual(frame);
  }
  expect(bench.isHeld() && packetCounts(bench), 'what XDP passed up is not counted').toEqual(before);
  return { ...bench.run('tc', frame), by: 'tc' };
}

/** All that counts packets. An entry that XDP has made before it passed the packet up is TC's to find. */
function packetCounts({ plane }: Bench): unknown {
  const counts = ({ inPackets, inBytes, outPackets, outBytes }: Counted): readonly number[] => [
    inPackets,
    inBytes,
    outPackets,
    outBytes,
  ];
  return {
    services: plane.services().map(({ counters, destinations }) => ({
      service: counts(counters),
      servers: destinations.map((server) => counts(server.counters)),
    })),
    notForwarded: plane.notForwarded(),
  };
}

type Counted = {
  readonly inPackets: number;
  readonly inBytes: number;
  readonly outPackets: number;
  readonly outBytes: number;
};
