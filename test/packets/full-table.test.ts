/**
 * A table without room: what has a connection goes on, and what would need one goes by consistent hash, without an
 * entry, counted, and never dropped silently.
 */

import { describe, expect } from 'vitest';
import {
  type Arrangement,
  addServer,
  arrange,
  oneServer,
  removeServer,
  translated,
  web,
} from '../support/arrange.ts';
import { drops, passes } from '../support/case.ts';
import { tcp, udp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { reasonsText } from '../support/tally.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const servers = { '10.0.0.11': 1, '10.0.0.12': 1, '10.0.0.13': 1 };
const manyServers: Arrangement = { ...oneServer, servers };
const segment = (port: number, flags: string) => tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags });
const ports = Array.from({ length: 60 }, (_, index) => 2000 + index);

/** Packets by real server. */
function shares({ plane }: Player): Readonly<Record<string, number>> {
  const counted = [...plane.services()]
    .flatMap(({ destinations }) => destinations)
    .map(({ address, counters }) => [address, counters.inPackets] as const);
  return Object.fromEntries(counted);
}

/** The real server that an action's packets went to. */
function serverOf(player: Player, action: () => void): readonly string[] {
  const before = shares(player);
  action();
  return Object.entries(shares(player)).flatMap(([address, packets]) =>
    packets > (before[address] ?? 0) ? [address] : [],
  );
}

const send = (player: Player, port: number, flags: string): void => {
  expect(player.receive(segment(port, flags)).fate, `port ${port}, ${flags}`).toBe('forwarded');
};
const chosen = (player: Player, port: number, flags: string): string => {
  const [server = '', ...others] = serverOf(player, () => send(player, port, flags));
  expect(others).toEqual([]);
  return server;
};
const connections = ({ plane }: Player): readonly string[] =>
  [...plane.connections()].map(({ client, state }) => `${client.port} ${state}`).sort();

describe.for(hooks)('with %s in front', (hook) => {
  test('a full table forwards new connections without an entry, and keeps the old ones', ({ players }) => {
    const player = players[hook];
    player.limit({ connections: 1, halfOpen: 1 });
    arrange(player, manyServers);
    send(player, 1, 'S');
    expect(player.plane.connectionTable()).toMatchObject({ count: 1, limit: 1, stateless: false });
    for (const port of ports) send(player, port, 'S');
    send(player, 1, 'A');
    expect(connections(player)).toEqual(['1 ESTABLISHED']);
    expect(player.plane.connectionTable()).toMatchObject({ count: 1, limit: 1, stateless: true });
    expect(reasonsText(player.plane.notForwarded())).toEqual([`table_full=${ports.length}`]);
  });

  test('every segment of such a connection goes to the same real server, and each has its share', ({
    players,
  }) => {
    const player = players[hook];
    player.limit({ connections: 1, halfOpen: 1 });
    arrange(player, manyServers);
    send(player, 1, 'S');
    const first = ports.map((port) => chosen(player, port, 'S'));
    expect(ports.map((port) => chosen(player, port, 'A'))).toEqual(first);
    expect([...new Set(first)].sort()).toEqual(Object.keys(servers));
  });

  test('a real server that comes takes connections from the others, and none changes between those', ({
    players,
  }) => {
    const player = players[hook];
    player.limit({ connections: 1, halfOpen: 1 });
    arrange(player, manyServers);
    send(player, 1, 'S');
    const before = ports.map((port) => chosen(player, port, 'S'));
    addServer(player, web, '10.0.0.14');
    const after = ports.map((port) => chosen(player, port, 'A'));
    for (const [index, server] of after.entries()) expect([before[index], '10.0.0.14']).toContain(server);
    expect(after).toContain('10.0.0.14');
    removeServer(player, web, '10.0.0.14');
    expect(ports.map((port) => chosen(player, port, 'A'))).toEqual(before);
  });

  test('half-open connections have a limit of their own, which established ones do not fill', ({
    players,
  }) => {
    const player = players[hook];
    player.limit({ connections: 8, halfOpen: 2 });
    arrange(player, manyServers);
    for (const port of [1, 2, 3]) send(player, port, 'S');
    expect(connections(player)).toEqual(['1 SYN_RECV', '2 SYN_RECV']);
    expect(player.plane.connectionTable()).toMatchObject({ count: 2, halfOpen: 2, halfOpenLimit: 2 });
    send(player, 1, 'A');
    send(player, 4, 'S');
    expect(connections(player)).toEqual(['1 ESTABLISHED', '2 SYN_RECV', '4 SYN_RECV']);
    expect(reasonsText(player.plane.notForwarded())).toEqual(['half_open_full=1']);
  });

  test('datagrams are not half-open: they fill the table itself', ({ players }) => {
    const player = players[hook];
    player.limit({ connections: 2, halfOpen: 1 });
    arrange(player, { service: 'udp:10.0.0.100:80', servers });
    for (const port of [1, 2, 3]) player.receive(udp({ from: `10.0.0.10:${port}`, to: `${vip}:80` }));
    expect(connections(player)).toEqual(['1 UDP', '2 UDP']);
    expect(reasonsText(player.plane.notForwarded())).toEqual(['table_full=1']);
  });

  test('a minute after the need has ended, a segment without entry is the stack’s again', ({ players }) => {
    const player = players[hook];
    player.limit({ connections: 1, halfOpen: 1 });
    arrange(player, manyServers);
    send(player, 1, 'S');
    send(player, 2, 'S');
    player.advance(59_000);
    send(player, 2, 'A');
    player.advance(61_000);
    player.plane.sweep();
    passes(segment(2, 'A'), 'no_connection')(player);
    send(player, 3, 'S');
    expect(connections(player)).toEqual(['3 SYN_RECV']);
  });

  test('a translated connection cannot do without an entry: it is dropped, and counted', ({ players }) => {
    const player = players[hook];
    player.limit({ connections: 1, halfOpen: 1 });
    arrange(player, { ...oneServer, servers: { '10.0.0.11': translated } });
    send(player, 1, 'S');
    drops(segment(2, 'S'), 'table_full')(player);
  });
});
