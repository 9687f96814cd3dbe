/** Sections of states.txt: what each segment does to ActiveConn and InActConn, and what `--set` changes. */

import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { arrange, oneServer } from '../support/arrange.ts';
import { tcp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const text = readFileSync(new URL('../golden/states.txt', import.meta.url), 'utf8');
const sections = new Map(
  text
    .split(/^== /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.split('\n').slice(1)] as const),
);
const linesOf = (title: string): readonly string[] =>
  (sections.get(title) ?? []).filter((line) => line.trim() !== '');

const counted = linesOf('ActiveConn/InActConn after each segment (a fresh director each time)');
const shortened = linesOf('--set 7 3 5');

/** Sections that need what is not there yet; of the others, states.jsonl and the tables of cases have the content. */
const notReplayed: Readonly<Record<string, string>> = {
  'sysctl net.ipv4.vs.sloppy_tcp=1': 'there is no sloppy_tcp yet',
  'sysctl net.ipv4.vs.secure_tcp=3': 'there is no secure_tcp yet',
  'Persistence: -p 50': 'there is no persistence yet',
  'Persistence: -p 50 -M 255.255.255.0': 'there is no persistence yet',
  'Persistence with port 0': 'there is no persistence yet',
  'Firewall mark 1 on :80 and :443': 'there are no firewall marks yet',
};

test('the sections are all there', () => {
  expect(counted.length).toBe(16);
  expect(shortened.length).toBe(12);
  for (const title of Object.keys(notReplayed)) expect([...sections.keys()]).toContain(title);
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

  test('timeouts of 7 s for TCP and 3 s for its end, as --set 7 3 5 sets them', ({ players }) => {
    const player = players[hook];
    arrange(player, { ...oneServer, servers: { '10.0.0.11': 1, '10.0.0.12': 1 } });
    player.plane.setTimeouts({ tcp: 7, tcpFin: 3, udp: 5 });
    shortened.forEach((line, index) => {
      const [segments = '', after = ''] = line.split(/ {2,}/);
      const port = 41_000 + index;
      for (const flags of segments.split(' ')) sendFrom(player, port, flags);
      player.advance(5); // a second has begun, as in the recording
      const entry = [...player.plane.connections()].find(({ client }) => client.port === port);
      expect(entry ? `${entry.state} ${entry.expiresInSeconds}` : '-', line).toBe(after);
    });
  });
});

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
