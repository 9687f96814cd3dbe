/** The table that connections lie in (docs/design/0008-connection-table.md): it grows, and loses nothing. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../bench/per-packet/stage.ts';
import type { Family, Traffic } from '../../bench/per-packet/traffic.ts';
import { FlLimit, FlTcpState } from '../../src/dataplane/bpf/abi.gen.ts';
import { obstacle } from '../support/privileged.ts';

const limit = 65_536;
/** More than half of what the first table has room for, in either family. */
const many = 28_000;

let stage: Stage | undefined;

beforeEach((context) => {
  const missing = obstacle();
  if (missing) context.skip(missing);
  stage = openStage(limit);
});

afterEach(() => {
  stage?.remove();
  stage = undefined;
});

const opened = (): Stage => stage ?? fail();
const fail = (): never => {
  throw new Error('no stage');
};

/** So many flows send one segment each, or `part` of them, from one on. */
function send(family: Family, flags: Traffic['flags'], flows = many, from = 0, part = flows): void {
  const { traffic, program, inside } = opened();
  traffic.test('tc', program('tc'));
  traffic.plan({ family, flags, flows, from, services: 1, ports: 4, headers: 0, isNotOurs: false });
  inside(() => traffic.run('tc', part));
}

const configure = (family: Family): void =>
  opened().configure({ family, services: 1, servers: 3, service: {}, server: {} });
const chunks = (family: Family): readonly number[] =>
  [0, 1].map((place) => opened().maps()[family === 4 ? 'tableIpv4' : 'tableIpv6'].chunks(place));
const counted = (): readonly (readonly [number, number])[] =>
  [...opened().plane.services()].flatMap(({ destinations }) =>
    destinations.map((each) => [each.activeConnections, each.inactiveConnections] as const),
  );
const states = (): Readonly<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const { state } of opened().plane.connections()) found[state] = (found[state] ?? 0) + 1;
  return found;
};
/** The entries that lie in no table, as two counts of them must agree. */
const outside = (): number => {
  const counts = opened().maps().outsideCounts.range(0, FlLimit.FL_LIMIT_OUTSIDE_COUNTS);
  const all = opened().maps().pressure.get(0).outside;
  expect(total(counts.map(({ value }) => value))).toBe(all);
  return all;
};
const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

describe.each([4, 6] as const)('the table of IPv%i', (family) => {
  test('is replaced by a larger one when it is half full, and every connection goes on', () => {
    configure(family);
    send(family, 'SYN');
    const before = outside();
    expect(before).toBeGreaterThan(0);
    expect(total(chunks(family))).toBe(1);
    expect(states()).toEqual({ SYN_RECV: many });
    opened().plane.sweep();
    opened().plane.sweep();
    const larger = chunks(family);
    expect([larger[0], (larger[1] ?? 0) > 1]).toEqual([0, true]);
    expect(outside()).toBeLessThan(before);
    opened().restart();
    expect(chunks(family)).toEqual(larger);
    send(family, 'ACK');
    expect(states()).toEqual({ ESTABLISHED: many });
    expect(total(counted().map(([active]) => active))).toBe(many);
    expect(opened().plane.connectionTable()).toMatchObject({ count: many, halfOpen: 0 });
  });
});

test('packets that come between the pieces of a sweep find their connections, wherever it has got to', () => {
  configure(4);
  send(4, 'SYN');
  const part = many / 4;
  let [pieces, confirmed] = [0, 0];
  for (let sweep = 0; sweep < 2; sweep++) {
    for (const _ of opened().plane.sweepByPieces()) {
      pieces++;
      if (confirmed === many) continue;
      send(4, 'ACK', many, confirmed, part);
      confirmed += part;
    }
  }
  expect(pieces).toBeGreaterThan(4);
  expect(confirmed).toBe(many);
  expect(total(chunks(4))).toBeGreaterThan(1);
  expect(states()).toEqual({ ESTABLISHED: many });
  expect(counted().reduce((sum, [active, inactive]) => sum + active + inactive, 0)).toBe(many);
  expect(opened().plane.connectionTable()).toMatchObject({ count: many, halfOpen: 0 });
  outside();
});

test('a sweep that is left off in the midst of moving entries is made up for by the next one', () => {
  configure(4);
  send(4, 'SYN');
  for (const kind of opened().plane.sweepByPieces())
    if (kind === 'urgent' && total(chunks(4).map((count) => (count > 0 ? 1 : 0))) === 2) break;
  opened().restart();
  send(4, 'ACK');
  opened().plane.sweep();
  opened().plane.sweep();
  expect(states()).toEqual({ ESTABLISHED: many });
  expect(chunks(4).filter((count) => count > 0)).toHaveLength(1);
  expect(opened().plane.connectionTable()).toMatchObject({ count: many, halfOpen: 0 });
  outside();
});

test('the places of expired connections are given to new ones, and nobody is counted twice', () => {
  configure(4);
  opened().forget(FlTcpState.FL_TCP_SYN_RECV);
  for (let round = 0; round < 5; round++) {
    send(4, 'SYN', 5000, 0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30); // until they are over, and their places free
    opened().plane.sweep();
    expect(opened().plane.connectionTable()).toMatchObject({ count: 0, halfOpen: 0 });
    expect(counted()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  }
  expect(outside()).toBe(0);
  expect(total(chunks(4))).toBe(1);
});
