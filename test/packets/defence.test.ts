/** IPVS's defences: which packets drop_packet drops, and what drop_entry takes out and what it never does. */

import { describe, expect } from 'vitest';
import type { SysctlValues } from '../../src/ipvs/sysctl.ts';
import { type Arrangement, arrange, dns, web } from '../support/arrange.ts';
import { tcp, udp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const server = '10.0.0.11';
const services: readonly Arrangement[] = [
  { service: web, servers: { [server]: 1 } },
  { service: dns, servers: { [server]: 1 } },
  { service: 'tcp:10.0.0.100:443', persistent: 3600, servers: { [server]: 1 } },
];
const plenty = 1_000_000;

function defend({ plane }: Player, values: Partial<SysctlValues>): void {
  plane.setSysctls({ ...plane.sysctls(), ...values });
  plane.defend(plenty);
}

function connect(player: Player, client: string, port: number, ...flags: readonly string[]): void {
  for (const letters of flags) {
    player.receive(tcp({ from: `${client}:1024`, to: `${vip}:${port}`, flags: letters }));
  }
}

/** Which of so many new connections are dropped, by number. */
function dropped(player: Player, count: number, from: number): readonly number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return numbers.filter((number) => {
    const ends = { from: `10.0.0.10:${from + number}`, to: `${vip}:80` };
    return player.receive(tcp({ ...ends, flags: 'S' })).fate === 'dropped';
  });
}

/** As many seconds under drop_entry as leave an entry that may go no chance: it looks at one in 32 of them. */
const longSeconds = 800;

function listed({ plane }: Player): readonly string[] {
  return [...plane.connections()].map(({ client, state }) => `${client.address} ${state}`).sort();
}

describe.for(hooks)('with %s in front', (hook) => {
  test('drop_packet drops the first of every n packets that would open a connection', ({ players }) => {
    const player = players[hook];
    for (const service of services) arrange(player, service);
    defend(player, { drop_packet: 3, am_droprate: 3 });
    expect(dropped(player, 8, 1000)).toEqual([1, 4, 7]);
    expect(player.plane.notForwarded()['defence']?.packets).toBe(3);
  });

  test('another n holds from the next drop on', ({ players }) => {
    const player = players[hook];
    for (const service of services) arrange(player, service);
    defend(player, { drop_packet: 3, am_droprate: 4 });
    expect(dropped(player, 2, 1000)).toEqual([1]);
    defend(player, { am_droprate: 2 });
    expect(dropped(player, 7, 2000)).toEqual([3, 5, 7]);
    defend(player, { drop_packet: 0 });
    expect(dropped(player, 4, 3000)).toEqual([]);
  });

  test('drop_entry takes out what is half-open, or has idled for a minute after a few packets, and no more', ({
    players,
  }) => {
    const player = players[hook];
    for (const service of services) arrange(player, service);
    const lively = Array.from({ length: 9 }, () => 'A');
    connect(player, '10.0.0.21', 80, 'S', 'A');
    connect(player, '10.0.0.22', 80, 'S', ...lively);
    connect(player, '10.0.0.23', 443, 'S', 'A');
    player.receive(udp({ from: '10.0.0.24:1024', to: `${vip}:53` }));
    player.advance(61_000);
    connect(player, '10.0.0.25', 80, 'S');
    connect(player, '10.0.0.26', 80, 'S', 'A');
    connect(player, '10.0.0.27', 80, 'S', 'A', 'FA');
    connect(player, '10.0.0.28', 443, 'S');
    player.receive(udp({ from: '10.0.0.29:1024', to: `${vip}:53` }));
    player.plane.setSysctls({ ...player.plane.sysctls(), drop_entry: 3 });
    for (let second = 0; second < longSeconds; second++) {
      player.plane.defend(plenty);
      player.plane.sweep();
    }
    expect(listed(player)).toEqual([
      '10.0.0.22 ESTABLISHED',
      '10.0.0.23 ASSURED',
      '10.0.0.26 ESTABLISHED',
      '10.0.0.27 FIN_WAIT',
      '10.0.0.29 UDP',
    ]);
  });
});
