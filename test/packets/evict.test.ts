/** Everything that is bound to one real server ends at once, and nothing else does. */

import { describe, expect } from 'vitest';
import { parseEndpoint } from '../../src/ipvs/address.ts';
import { parseServiceKeyText } from '../../src/ipvs/service.ts';
import { arrange, dns, editServer, oneServer, removeServer, web } from '../support/arrange.ts';
import { tcp, udp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const twoServers = { ...oneServer, scheduler: 'rr', servers: { '10.0.0.11': 1, '10.0.0.12': 1 } } as const;

function send(player: Player, port: number, flags: string): unknown {
  return player.receive(tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags })).fate;
}

const ask = (player: Player): unknown => player.receive(udp({ from: '10.0.0.10:4', to: `${vip}:53` })).fate;

function evict({ plane }: Player, service: string, server: string): number {
  const [key, destination] = [parseServiceKeyText(service), parseEndpoint(server)];
  if (!key || !destination) throw new Error(`${service} ${server}`);
  return plane.evict(key, destination);
}

/** Connections and templates of each real server, then the whole table. */
function bound({ plane }: Player): readonly string[] {
  const servers = [...plane.services()].flatMap(({ destinations }) => destinations);
  return [
    ...servers.map(
      ({ address, activeConnections, inactiveConnections, persistentConnections }) =>
        `${address}: ${activeConnections}+${inactiveConnections} ${persistentConnections}`,
    ),
    `${[...plane.connections()].length} in all`,
  ];
}

describe.for(hooks)('with %s in front', (hook) => {
  test('connections of one real server end, and their next segment is for the stack to reset', ({
    players,
  }) => {
    const player = players[hook];
    arrange(player, twoServers);
    for (const port of [1, 2, 3, 4]) for (const flags of ['S', 'A']) send(player, port, flags);
    send(player, 3, 'F');
    expect(bound(player)).toEqual(['10.0.0.12: 1+1 0', '10.0.0.11: 2+0 0', '4 in all']);
    expect(evict(player, web, '10.0.0.12:80')).toBe(2);
    expect(bound(player)).toEqual(['10.0.0.12: 0+0 0', '10.0.0.11: 2+0 0', '2 in all']);
    expect([1, 2, 3, 4].map((port) => send(player, port, 'A'))).toEqual([
      'stack',
      'forwarded',
      'stack',
      'forwarded',
    ]);
    expect(evict(player, web, '10.0.0.12:80')).toBe(0);
  });

  test('those of one that was removed end, too, and do not wait for their time', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    for (const port of [1, 2]) for (const flags of ['S', 'A']) send(player, port, flags);
    removeServer(player, web, '10.0.0.12');
    expect(send(player, 1, 'A')).toBe('dropped');
    expect(evict(player, web, '10.0.0.12:80')).toBe(1);
    expect(send(player, 1, 'A')).toBe('stack');
    expect(bound(player)).toEqual(['10.0.0.11: 1+0 0', '1 in all']);
  });

  test('a client that is bound to it by persistence gets another one', ({ players }) => {
    const player = players[hook];
    arrange(player, { ...twoServers, persistent: 300 });
    send(player, 1, 'S');
    expect(bound(player)).toEqual(['10.0.0.12: 1+0 1', '10.0.0.11: 0+0 0', '2 in all']);
    editServer(player, web, '10.0.0.12', 0);
    send(player, 2, 'S');
    expect(bound(player)[0], 'a template outlives weight 0').toBe('10.0.0.12: 2+0 1');
    expect(evict(player, web, '10.0.0.12:80')).toBe(2);
    expect(bound(player)).toEqual(['10.0.0.12: 0+0 0', '10.0.0.11: 0+0 0', '0 in all']);
    send(player, 3, 'S');
    expect(bound(player)[1]).toBe('10.0.0.11: 1+0 1');
  });

  test('a flow of UDP goes to another real server with its next datagram', ({ players }) => {
    const player = players[hook];
    arrange(player, { ...twoServers, service: dns });
    ask(player);
    removeServer(player, dns, '10.0.0.12');
    expect(ask(player)).toBe('dropped');
    expect(evict(player, dns, '10.0.0.12:53')).toBe(1);
    expect(ask(player)).toBe('forwarded');
    expect(bound(player)).toEqual(['10.0.0.11: 0+1 0', '1 in all']);
  });
});
