/** A connection table without room: what has a connection goes on, and what would need one is told why not. */

import { expect } from 'vitest';
import { FlLimit, flConnection, flConnectionKey } from '../../src/dataplane/bpf/abi.gen.ts';
import { encode } from '../../src/dataplane/bpf/layout.ts';
import { mapUpdate } from '../../src/linux/bpf-map.ts';
import { arrange, oneServer } from '../support/arrange.ts';
import type { Bench } from '../support/bench.ts';
import { drops, forwards } from '../support/case.ts';
import { tcp } from '../support/packet.ts';
import { hooks } from '../support/passage.ts';
import { tally } from '../support/tally.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/wire.ts';

const server = '10.0.0.11';
const segment = (port: number, flags: string) => tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags });

/** Fills the table with expired UDP entries of the real server whose connection is there already. */
function fill(bench: Bench): void {
  bench.maps(({ connections, destinationState }, fds) => {
    const [, { destination }] = [...connections.entries()][0] ?? fail();
    const missing = FlLimit.FL_LIMIT_CONNECTIONS - 1;
    const key = encode(flConnectionKey, { virtualAddress: 1, protocol: 17 });
    const value = encode(flConnection, { destination });
    const client = new DataView(key.buffer, flConnectionKey.fields.clientAddress.offset);
    for (let index = 0; index < missing; index++) {
      client.setUint32(0, index);
      mapUpdate(fds.connections, key, value);
    }
    destinationState.set(destination, { ...destinationState.get(destination), inactive: missing });
  });
}

test('a full table refuses new connections, keeps the old ones, and has room again after a sweep', ({
  bench,
}) => {
  arrange(bench, oneServer);
  forwards(segment(1, 'S'), server)(bench, 'tc');
  fill(bench);
  expect(bench.plane.connectionTable()).toEqual({
    count: FlLimit.FL_LIMIT_CONNECTIONS,
    limit: FlLimit.FL_LIMIT_CONNECTIONS,
  });
  for (const hook of hooks) {
    drops(segment(2, 'S'), 'table_full')(bench, hook);
    forwards(segment(1, 'A'), server)(bench, hook);
  }

  // After a million entries the kernel's iterator takes a rest, and may step over one when it goes on.
  for (let sweep = 0; sweep < 2; sweep++) bench.plane.sweep();
  expect(bench.plane.connectionTable().count).toBe(1);
  forwards(segment(2, 'S'), server)(bench, 'tc');
  expect(tally(bench)).toEqual([
    'tcp:10.0.0.100:80 conns=2 packets=4 bytes=160',
    '10.0.0.11:80 active=2 inactive=0 conns=2 packets=4 bytes=160',
    '10.0.0.10:1 ESTABLISHED 10.0.0.11:80',
    '10.0.0.10:2 SYN_RECV 10.0.0.11:80',
    'table_full=2',
  ]);
});

function fail(): never {
  throw new Error('no connection');
}
