/** Sections of states.txt: what segments leave under changed settings, and what each does to ActiveConn and InActConn. */

import { describe, expect } from 'vitest';
import type { SysctlName } from '../../src/ipvs/sysctl.ts';
import { arrange, oneServer } from '../support/arrange.ts';
import { tcp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { linesOf } from '../support/states-text.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const counted = linesOf('ActiveConn/InActConn after each segment (a fresh director each time)');

const settings: readonly (readonly [string, (player: Player) => void])[] = [
  ['--set 7 3 5', ({ plane }) => plane.setTimeouts({ tcp: 7, tcpFin: 3, udp: 5 })],
  ['sysctl net.ipv4.vs.sloppy_tcp=1', (player) => set(player, 'sloppy_tcp', 1)],
  ['sysctl net.ipv4.vs.secure_tcp=3', (player) => set(player, 'secure_tcp', 3)],
];

test('the sections are all there', () => {
  expect(counted.length).toBe(16);
  for (const [title] of settings) expect(linesOf(title).length).toBe(12);
});

describe.for(hooks)('with %s in front', (hook) => {
  test.for(counted)('%s', (line, { players }) => {
    const player = players[hook];
    arrange(player, { ...oneServer, servers: { '10.0.0.11': 1, '10.0.0.12': 1 } });
    for (const step of line.split('; ')) {
      const [, flags = '', state, server, seconds, bound] =
        /^(\w+): (\w+)->(\S+) (\d+) (.*)$/.exec(step) ?? [];
      sendFrom(player, 40001, flags);
      const [entry] = [...player.plane.connections()];
      expect([entry?.state, entry?.destination.address], step).toEqual([state, server]);
      expect(Math.abs((entry?.expiresInSeconds ?? 0) - Number(seconds)), step).toBeLessThanOrEqual(1);
      expect(boundOf(player), step).toBe(bound);
    }
  });

  test.for(settings)('%s', ([title, apply], { players }) => {
    const player = players[hook];
    arrange(player, { ...oneServer, servers: { '10.0.0.11': 1, '10.0.0.12': 1 } });
    apply(player);
    linesOf(title).forEach((line, index) => {
      const [segments = '', after = ''] = line.split(/ {2,}/);
      const port = 41_000 + index;
      for (const flags of segments.split(' ')) sendFrom(player, port, flags);
      player.advance(5); // a second has begun, as in the recording
      const entry = [...player.plane.connections()].find(({ client }) => client.port === port);
      expect(entry ? `${entry.state} ${entry.expiresInSeconds}` : '-', line).toBe(after);
    });
  });
});

function set({ plane }: Player, name: SysctlName, value: number): void {
  plane.setSysctls({ ...plane.sysctls(), [name]: value });
  plane.defend(Number.MAX_SAFE_INTEGER);
}

function sendFrom(player: Player, port: number, flags: string): void {
  player.receive(tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags }));
}

/** `10.0.0.11=0/0 10.0.0.12=1/0` */
function boundOf({ plane }: Player): string {
  return [...plane.services()]
    .flatMap(({ destinations }) => destinations)
    .map((server) => `${server.address}=${server.activeConnections}/${server.inactiveConnections}`)
    .sort()
    .join(' ');
}
