/** Connections end by time, whether a daemon is there or not, and every count follows (docs/design/0003). */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { defaultSettings } from '../../src/dataplane/bpf/settings.ts';
import { tcpStates } from '../../src/ipvs/connection.ts';
import { arrange, dns, oneServer, removeService, web } from '../support/arrange.ts';
import type { Bench } from '../support/bench.ts';
import { tcp, udp } from '../support/packet.ts';
import { type Hook, hooks } from '../support/passage.ts';
import { send } from '../support/send.ts';
import { tally } from '../support/tally.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/wire.ts';

const short = 250;
/** Longer than `short` by far more than the coarse clock's step. */
const expired = short + 80;

const twoServers = { ...oneServer, servers: { '10.0.0.11': 1, '10.0.0.12': 1 } };
const nothingBound = ['10.0.0.12: 0+0', '10.0.0.11: 0+0'];

/** Sets the timeouts, in milliseconds, of some states; the others are the usual ones. */
function setTimeouts(bench: Bench, timeouts: Partial<Record<(typeof tcpStates)[number], number>>): void {
  bench.set({
    tcpTimeoutMs: tcpStates.map(
      (state, index) => timeouts[state] ?? defaultSettings.tcpTimeoutMs[index] ?? 0,
    ),
  });
}

function segments(bench: Bench, hook: Hook, port: number, ...flags: readonly string[]): void {
  for (const letters of flags) {
    send(bench, hook, tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags: letters }));
  }
}

/** ActiveConn and InActConn of each real server, then the connections that are listed. */
function bound(bench: Bench): readonly string[] {
  const servers = bench.plane.services().flatMap(({ destinations }) => destinations);
  const listed = [...bench.plane.connections()].map(
    ({ client, state, destination }) => `port ${client.port}: ${state} at ${destination.address}`,
  );
  return [
    ...servers.map(
      (server) => `${server.address}: ${server.activeConnections}+${server.inactiveConnections}`,
    ),
    ...listed.sort(),
  ];
}

/** Entries in the map, listed or not. */
const entries = (bench: Bench): number => bench.maps(({ connections }) => [...connections.entries()].length);

describe.for(hooks)('with %s in front', (hook) => {
  test('timeouts that are set are those of every connection from its next packet on', ({ bench }) => {
    arrange(bench, twoServers);
    arrange(bench, { service: dns, servers: { '10.0.0.11': 1 } });
    const left = (): readonly (readonly [string, number])[] =>
      [...bench.plane.connections()]
        .map(({ state, expiresInSeconds }) => [state, expiresInSeconds] as const)
        .sort();
    const play = (): void => {
      segments(bench, hook, 1, 'A');
      segments(bench, hook, 2, 'F');
      segments(bench, hook, 3, 'S');
      send(bench, hook, udp({ from: '10.0.0.10:4', to: `${vip}:53` }));
    };
    segments(bench, hook, 1, 'S');
    segments(bench, hook, 2, 'S', 'A');
    play();
    bench.plane.setTimeouts({ tcp: 5000, tcpFin: 6000, udp: 7000 });
    expect(bench.plane.timeouts()).toEqual({ tcp: 5000, tcpFin: 6000, udp: 7000 });
    expect(left().every(([, seconds]) => seconds < 1000)).toBe(true);
    play();
    expect(left().map(([state, seconds]) => [state, Math.ceil((seconds + 1) / 10) * 10])).toEqual([
      ['ESTABLISHED', 5000],
      ['FIN_WAIT', 6000],
      ['SYN_RECV', 60],
      ['UDP', 7000],
    ]);
  });

  test('an entry that has expired is taken out by the next sweep, and is not counted any more', async ({
    bench,
  }) => {
    arrange(bench, twoServers);
    arrange(bench, { service: dns, servers: { '10.0.0.11': 1 } });
    setTimeouts(bench, { SYN_RECV: short, FIN_WAIT: short });
    bench.set({ udpTimeoutMs: short });
    segments(bench, hook, 1, 'S');
    segments(bench, hook, 2, 'S', 'A', 'FA');
    segments(bench, hook, 3, 'S', 'A');
    send(bench, hook, udp({ from: '10.0.0.10:4', to: `${vip}:53` }));
    bench.plane.sweep();
    expect([entries(bench), bench.plane.connectionTable().count]).toEqual([4, 4]);

    await sleep(expired);
    bench.plane.sweep();
    expect(bound(bench)).toEqual([
      '10.0.0.12: 1+0',
      '10.0.0.11: 0+0',
      '10.0.0.11: 0+0',
      'port 3: ESTABLISHED at 10.0.0.12',
    ]);
    expect([entries(bench), bench.plane.connectionTable().count]).toEqual([1, 1]);
  });

  test('an entry that has expired is not listed, swept or not', async ({ bench }) => {
    arrange(bench, twoServers);
    setTimeouts(bench, { SYN_RECV: short });
    segments(bench, hook, 1, 'S');
    await sleep(expired);
    expect([...bench.plane.connections()]).toEqual([]);
    expect(entries(bench)).toBe(1);
  });

  test('a packet that finds its entry expired is judged as if there were none', async ({ bench }) => {
    arrange(bench, twoServers);
    setTimeouts(bench, { ESTABLISHED: short });
    segments(bench, hook, 1, 'S', 'A');
    await sleep(expired);
    segments(bench, hook, 1, 'A');
    expect(tally(bench)).toEqual([
      'tcp:10.0.0.100:80 conns=1 packets=2 bytes=80',
      '10.0.0.12:80 active=0 inactive=0 conns=1 packets=2 bytes=80',
      '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
      'no_connection=1',
    ]);
    expect(entries(bench)).toBe(0);
    segments(bench, hook, 1, 'S');
    expect(bound(bench).at(-1)).toBe('port 1: SYN_RECV at 10.0.0.11');
  });

  test('each packet starts the time anew', async ({ bench }) => {
    arrange(bench, twoServers);
    setTimeouts(bench, { ESTABLISHED: 2 * short });
    segments(bench, hook, 1, 'S', 'A');
    for (let round = 0; round < 4; round++) {
      await sleep(short);
      segments(bench, hook, 1, 'A');
    }
    bench.plane.sweep();
    expect(bound(bench).at(-1)).toBe('port 1: ESTABLISHED at 10.0.0.12');
  });

  test('a state with a shorter time ends the entry sooner: 15 minutes become those of CLOSE', async ({
    bench,
  }) => {
    arrange(bench, twoServers);
    setTimeouts(bench, { CLOSE: short });
    segments(bench, hook, 1, 'S', 'A');
    expect([...bench.plane.connections()].map(({ expiresInSeconds }) => expiresInSeconds)).toEqual([899]);
    segments(bench, hook, 1, 'R');
    expect(bound(bench).at(-1)).toBe('port 1: CLOSE at 10.0.0.12');
    await sleep(expired);
    bench.plane.sweep();
    expect(bound(bench)).toEqual(nothingBound);
  });

  test('a state with a longer time keeps the entry longer', async ({ bench }) => {
    arrange(bench, twoServers);
    setTimeouts(bench, { SYN_RECV: short });
    segments(bench, hook, 1, 'S', 'A');
    await sleep(expired);
    bench.plane.sweep();
    segments(bench, hook, 1, 'A');
    expect(bound(bench).at(-1)).toBe('port 1: ESTABLISHED at 10.0.0.12');
  });

  test('a changed timeout holds from the next packet on', async ({ bench }) => {
    arrange(bench, twoServers);
    segments(bench, hook, 1, 'S', 'A');
    segments(bench, hook, 2, 'S', 'A');
    setTimeouts(bench, { ESTABLISHED: short });
    segments(bench, hook, 2, 'A');
    await sleep(expired);
    bench.plane.sweep();
    expect(bound(bench)).toEqual(['10.0.0.12: 1+0', '10.0.0.11: 0+0', 'port 1: ESTABLISHED at 10.0.0.12']);
  });

  test('the connections of a deleted real server expire as well, and it comes back without them', async ({
    bench,
  }) => {
    arrange(bench, oneServer);
    setTimeouts(bench, { ESTABLISHED: short });
    segments(bench, hook, 1, 'S', 'A');
    removeService(bench, web);
    expect(bench.plane.connectionTable().count).toBe(1);
    await sleep(expired);
    bench.plane.sweep();
    expect(bench.plane.connectionTable().count).toBe(0);
    arrange(bench, oneServer);
    expect(bound(bench)).toEqual(['10.0.0.11: 0+0']);
  });

  describe('while no daemon is there', () => {
    test('packets are forwarded, counted and followed as ever', ({ bench }) => {
      arrange(bench, twoServers);
      segments(bench, hook, 1, 'S', 'A');
      bench.leave();
      segments(bench, hook, 1, 'PA', 'FA');
      segments(bench, hook, 2, 'S', 'A');
      segments(bench, hook, 3, 'S');
      bench.adopt();
      expect(tally(bench)).toEqual([
        'tcp:10.0.0.100:80 conns=3 packets=7 bytes=280',
        '10.0.0.12:80 active=1 inactive=1 conns=2 packets=5 bytes=200',
        '10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80',
        '10.0.0.10:1 FIN_WAIT 10.0.0.12:80',
        '10.0.0.10:2 ESTABLISHED 10.0.0.11:80',
        '10.0.0.10:3 SYN_RECV 10.0.0.12:80',
      ]);
    });

    test('an entry that has expired is not used again: its source port gets a new connection', async ({
      bench,
    }) => {
      arrange(bench, twoServers);
      setTimeouts(bench, { ESTABLISHED: short });
      segments(bench, hook, 1, 'S', 'A');
      bench.leave();
      await sleep(expired);
      segments(bench, hook, 1, 'A', 'S');
      bench.adopt();
      expect(tally(bench)).toEqual([
        'tcp:10.0.0.100:80 conns=2 packets=3 bytes=120',
        '10.0.0.12:80 active=0 inactive=0 conns=1 packets=2 bytes=80',
        '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
        '10.0.0.10:1 SYN_RECV 10.0.0.11:80',
        'no_connection=1',
      ]);
    });

    test('what expires is taken out before the next daemon answers', async ({ bench }) => {
      arrange(bench, twoServers);
      setTimeouts(bench, { SYN_RECV: short });
      segments(bench, hook, 1, 'S');
      bench.leave();
      segments(bench, hook, 2, 'S');
      segments(bench, hook, 3, 'S', 'A');
      await sleep(expired);
      bench.adopt();
      expect(bound(bench)).toEqual(['10.0.0.12: 1+0', '10.0.0.11: 0+0', 'port 3: ESTABLISHED at 10.0.0.12']);
      expect(entries(bench)).toBe(1);
    });

    test('what was opened then expires later, under the next daemon', async ({ bench }) => {
      arrange(bench, twoServers);
      setTimeouts(bench, { SYN_RECV: short });
      bench.leave();
      segments(bench, hook, 1, 'S');
      bench.adopt();
      await sleep(expired);
      bench.plane.sweep();
      expect(bound(bench)).toEqual(nothingBound);
    });
  });
});
