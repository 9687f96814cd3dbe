/** Connections end by time, whether a daemon is there or not, and every count follows (docs/design/0003). */

import { describe, expect } from 'vitest';
import { arrange, dns, oneServer, removeService, web } from '../support/arrange.ts';
import { tcp, udp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { tally } from '../support/tally.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const twoServers = { ...oneServer, servers: { '10.0.0.11': 1, '10.0.0.12': 1 } };
const nothingBound = ['10.0.0.12: 0+0', '10.0.0.11: 0+0'];
/** Timeouts of IPVS, in seconds. */
const [synReceived, established, finWait, close, datagrams] = [60, 900, 120, 10, 300];

function segments(player: Player, port: number, ...flags: readonly string[]): void {
  for (const letters of flags) {
    player.receive(tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags: letters }));
  }
}

const datagram = (player: Player): unknown => player.receive(udp({ from: '10.0.0.10:4', to: `${vip}:53` }));
const wait = (player: Player, seconds: number): void => player.advance(seconds * 1000);

/** ActiveConn and InActConn of each real server, then the connections that are listed. */
function bound({ plane }: Player): readonly string[] {
  const servers = [...plane.services()].flatMap(({ destinations }) => destinations);
  const listed = [...plane.connections()].map(
    ({ client, state, destination }) => `port ${client.port}: ${state} at ${destination.address}`,
  );
  return [
    ...servers.map(
      (server) => `${server.address}: ${server.activeConnections}+${server.inactiveConnections}`,
    ),
    ...listed.sort(),
  ];
}

/** Entries in the table, expired or not. */
const entries = ({ plane }: Player): number => plane.connectionTable().count;

describe.for(hooks)('with %s in front', (hook) => {
  test('timeouts that are set are those of every connection from its next packet on', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    arrange(player, { service: dns, servers: { '10.0.0.11': 1 } });
    const left = (): readonly (readonly [string, number])[] =>
      [...player.plane.connections()]
        .map(({ state, expiresInSeconds }) => [state, expiresInSeconds] as const)
        .sort();
    const play = (): void => {
      segments(player, 1, 'A');
      segments(player, 2, 'F');
      segments(player, 3, 'S');
      datagram(player);
    };
    segments(player, 1, 'S');
    segments(player, 2, 'S', 'A');
    play();
    player.plane.setTimeouts({ tcp: 5000, tcpFin: 6000, udp: 7000 });
    expect(player.plane.timeouts()).toEqual({ tcp: 5000, tcpFin: 6000, udp: 7000 });
    expect(left().every(([, seconds]) => seconds < 1000)).toBe(true);
    play();
    expect(left()).toEqual([
      ['ESTABLISHED', 5000],
      ['FIN_WAIT', 6000],
      ['SYN_RECV', 60],
      ['UDP', 7000],
    ]);
  });

  test('an entry lives to the end of its time, and is taken out by the first sweep after it', ({
    players,
  }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S');
    wait(player, synReceived);
    player.plane.sweep();
    expect(bound(player)).toEqual(['10.0.0.12: 1+0', '10.0.0.11: 0+0', 'port 1: SYN_RECV at 10.0.0.12']);
    player.advance(1);
    player.plane.sweep();
    expect(bound(player)).toEqual(nothingBound);
  });

  test('an entry that has expired is not counted any more after a sweep', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    arrange(player, { service: dns, servers: { '10.0.0.11': 1 } });
    segments(player, 1, 'S');
    segments(player, 2, 'S', 'A', 'FA');
    segments(player, 3, 'S', 'A');
    datagram(player);
    player.plane.sweep();
    expect(entries(player)).toBe(4);

    wait(player, datagrams + 1);
    player.plane.sweep();
    expect(bound(player)).toEqual([
      '10.0.0.12: 1+0',
      '10.0.0.11: 0+0',
      '10.0.0.11: 0+0',
      'port 3: ESTABLISHED at 10.0.0.12',
    ]);
    expect(entries(player)).toBe(1);
  });

  test('an entry that has expired is not listed, swept or not', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S');
    wait(player, synReceived + 1);
    expect([...player.plane.connections()]).toEqual([]);
    expect(entries(player)).toBe(1);
  });

  test('a packet that finds its entry expired is judged as if there were none', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S', 'A');
    wait(player, established + 1);
    segments(player, 1, 'A');
    expect(entries(player)).toBe(0);
    expect(tally(player)).toEqual([
      'tcp:10.0.0.100:80 conns=1 packets=2 bytes=80',
      '10.0.0.12:80 active=0 inactive=0 conns=1 packets=2 bytes=80',
      '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
      'no_connection=1',
    ]);
    segments(player, 1, 'S');
    expect(bound(player).at(-1)).toBe('port 1: SYN_RECV at 10.0.0.11');
  });

  test('each packet starts the time anew', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S', 'A');
    for (let round = 0; round < 4; round++) {
      wait(player, established / 2);
      segments(player, 1, 'A');
    }
    player.plane.sweep();
    expect(bound(player).at(-1)).toBe('port 1: ESTABLISHED at 10.0.0.12');
  });

  test('a state with a shorter time ends the entry sooner: 15 minutes become those of CLOSE', ({
    players,
  }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S', 'A');
    expect([...player.plane.connections()].map((each) => each.expiresInSeconds)).toEqual([established]);
    segments(player, 1, 'R');
    expect(bound(player).at(-1)).toBe('port 1: CLOSE at 10.0.0.12');
    wait(player, close + 1);
    player.plane.sweep();
    expect(bound(player)).toEqual(nothingBound);
  });

  test('a state with a longer time keeps the entry longer', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S', 'A');
    wait(player, synReceived + 1);
    player.plane.sweep();
    segments(player, 1, 'A');
    expect(bound(player).at(-1)).toBe('port 1: ESTABLISHED at 10.0.0.12');
  });

  test('a changed timeout holds from the next packet on', ({ players }) => {
    const player = players[hook];
    arrange(player, twoServers);
    segments(player, 1, 'S', 'A');
    segments(player, 2, 'S', 'A');
    player.plane.setTimeouts({ tcp: 5, tcpFin: finWait, udp: datagrams });
    segments(player, 2, 'A');
    wait(player, 6);
    player.plane.sweep();
    expect(bound(player)).toEqual(['10.0.0.12: 1+0', '10.0.0.11: 0+0', 'port 1: ESTABLISHED at 10.0.0.12']);
  });

  test('the connections of a deleted real server expire as well, and it comes back without them', ({
    players,
  }) => {
    const player = players[hook];
    arrange(player, oneServer);
    segments(player, 1, 'S', 'A');
    removeService(player, web);
    expect(entries(player)).toBe(1);
    wait(player, established + 1);
    player.plane.sweep();
    expect(entries(player)).toBe(0);
    arrange(player, oneServer);
    expect(bound(player)).toEqual(['10.0.0.11: 0+0']);
  });

  describe('while no daemon is there', () => {
    test('packets are forwarded, counted and followed as ever', ({ players }) => {
      const player = players[hook];
      arrange(player, twoServers);
      segments(player, 1, 'S', 'A');
      player.withoutDaemon(() => {
        segments(player, 1, 'PA', 'FA');
        segments(player, 2, 'S', 'A');
        segments(player, 3, 'S');
      });
      expect(tally(player)).toEqual([
        'tcp:10.0.0.100:80 conns=3 packets=7 bytes=280',
        '10.0.0.12:80 active=1 inactive=1 conns=2 packets=5 bytes=200',
        '10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80',
        '10.0.0.10:1 FIN_WAIT 10.0.0.12:80',
        '10.0.0.10:2 ESTABLISHED 10.0.0.11:80',
        '10.0.0.10:3 SYN_RECV 10.0.0.12:80',
      ]);
    });

    test('an entry that has expired is not used again: its source port gets a new connection', ({
      players,
    }) => {
      const player = players[hook];
      arrange(player, twoServers);
      segments(player, 1, 'S', 'A');
      player.withoutDaemon(() => {
        wait(player, established + 1);
        segments(player, 1, 'A', 'S');
      });
      expect(tally(player)).toEqual([
        'tcp:10.0.0.100:80 conns=2 packets=3 bytes=120',
        '10.0.0.12:80 active=0 inactive=0 conns=1 packets=2 bytes=80',
        '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
        '10.0.0.10:1 SYN_RECV 10.0.0.11:80',
        'no_connection=1',
      ]);
    });

    test('what expires is taken out before the next daemon answers', ({ players }) => {
      const player = players[hook];
      arrange(player, twoServers);
      segments(player, 1, 'S');
      player.withoutDaemon(() => {
        segments(player, 2, 'S');
        segments(player, 3, 'S', 'A');
        wait(player, synReceived + 1);
      });
      expect(bound(player)).toEqual(['10.0.0.12: 1+0', '10.0.0.11: 0+0', 'port 3: ESTABLISHED at 10.0.0.12']);
      expect(entries(player)).toBe(1);
    });

    test('what was opened then expires later, under the next daemon', ({ players }) => {
      const player = players[hook];
      arrange(player, twoServers);
      player.withoutDaemon(() => segments(player, 1, 'S'));
      wait(player, synReceived + 1);
      player.plane.sweep();
      expect(bound(player)).toEqual(nothingBound);
    });
  });
});
