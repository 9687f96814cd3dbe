/** The kernel's data plane as a player: packets go to XDP first where it stands in front, and to TC what XDP passes up. */

import { expect } from 'vitest';
import { FlReason } from '../../src/dataplane/bpf/abi.gen.ts';
import { type CountsMap, countersIn, noCounts, readTotals } from '../../src/dataplane/bpf/codec/counts.ts';
import type { Bench } from './bench.ts';
import type { Player, Seen } from './player.ts';

/** With `xdp`, a packet that XDP passes up must be unchanged and uncounted. */
export function kernelPlayer(bench: Bench, hook: 'tc' | 'xdp'): Player {
  return {
    hook,
    get plane() {
      return bench.plane;
    },
    receive: (frame, device) => (hook === 'tc' ? byTc(bench, frame, device) : byXdp(bench, frame, device)),
    leave: (frame, device) => ({ ...copied(bench.run('out', frame, device)), by: 'tc' }),
    advance: bench.advance,
    limit: bench.limit,
    withoutDaemon: bench.withoutDaemon,
    ip: bench.ip,
    clear: bench.clear,
  };
}

function byTc(bench: Bench, frame: Uint8Array, device?: string): Seen {
  bench.left();
  const passage = copied(bench.run('tc', frame, device));
  const before = bench.left();
  return { ...passage, by: 'tc', ...(before.length > 0 && { before }) };
}

/**
 * XDP passes up the first packet a second to each real server, on purpose (bpf/lib/next_hop.h). So it is asked
 * again.
 */
function byXdp(bench: Bench, frame: Uint8Array, device?: string): Seen {
  const before = packetCounts(bench);
  for (let attempt = 0; attempt < 2; attempt++) {
    const passage = bench.run('xdp', frame, device);
    if (passage.fate !== 'stack') return { ...copied(passage), by: 'xdp' };
    expect(copied(passage).packet, 'a packet that XDP passes up').toEqual(Uint8Array.from(frame));
  }
  expect(packetCounts(bench), 'what XDP passed up is not counted').toEqual(before);
  return byTc(bench, frame, device);
}

function copied({ fate, packet }: Omit<Seen, 'by'>): Omit<Seen, 'by'> {
  return { fate, packet: packet.slice() };
}

/** All that counts packets. An entry that XDP has made before it passed the packet up is TC's to find. */
function packetCounts({ maps }: Bench): unknown {
  const reasons = Array.from({ length: FlReason.FL_REASONS }, (_, reason) => maps.notForwarded.get(reason));
  return {
    servers: packetsOf(maps.destinationCounts, 1, 9),
    notForwarded: reasons,
  };
}

function packetsOf(map: CountsMap, first: number, end: number): readonly number[] {
  const totals = readTotals(map, [{ first, end }]);
  return Array.from({ length: end - first }, (_, index) => {
    const { inPackets, outPackets } = countersIn(totals, first + index, noCounts);
    return inPackets + outPackets;
  });
}
