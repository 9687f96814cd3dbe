/** A place in the table is nobody else's as long as a packet may still look at who has died there (bpf/lib/table/bucket.h). */

import { expect } from 'vitest';
import { flBucketIpv4 } from '../../src/dataplane/bpf/abi.gen.ts';
import { decodeIn } from '../../src/dataplane/bpf/layout.ts';
import { arrange, dns } from '../support/arrange.ts';
import type { Bench } from '../support/bench.ts';
import { udp } from '../support/packet.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const client = 4711;
/** Of IPVS, in milliseconds. */
const timeout = 300_000;

/** Places that entries of the client lie at, or have lain at. */
function placesOfClient({ maps }: Bench): number {
  let found = 0;
  for (const { values, count } of maps.tableIpv4.pieces(maps.tables.get(0).current)) {
    for (let from = 0; from < count * flBucketIpv4.size; from += flBucketIpv4.size)
      for (const { key } of decodeIn(flBucketIpv4, values, from).entry)
        if (key.used === 1 && key.clientPort === client) found++;
  }
  return found;
}

test('a place that a sweep has taken an entry from rests, though packets have a clock that is late', ({
  bench,
  players: { tc: player },
}) => {
  const ask = (): void => {
    const datagram = udp({ from: `10.0.0.10:${client}`, to: `${vip}:53` });
    expect(player.receive(datagram).fate).toBe('forwarded');
  };
  arrange(player, { service: dns, servers: { '10.0.0.11': 1 } });
  ask();
  expect(placesOfClient(bench)).toBe(1);
  bench.advance(timeout + 10);
  player.plane.sweep();
  bench.advance(-9);
  ask();
  expect(placesOfClient(bench), 'beside the one that rests').toBe(2);
  bench.advance(timeout + 10);
  player.plane.sweep();
  bench.advance(30);
  ask();
  expect(placesOfClient(bench), 'where the first one was').toBe(2);
});
