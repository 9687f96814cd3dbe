/** What each sequence of segments or chunks leaves of a connection, against what real IPVS listed afterwards. */

import { describe, expect } from 'vitest';
import { type Arrangement, arrange } from '../support/arrange.ts';
import type { Chunk } from '../support/frame/fields.ts';
import { type GoldenStates, readGolden } from '../support/golden.ts';
import { sctp, tcp } from '../support/packet.ts';
import { type Hook, hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { macOfInterface, vip } from '../support/world.ts';

type Entry = Pick<GoldenStates, 'state' | 'seconds_left'>;

const goldens = [
  ['one to four ordinary segments', 'states.jsonl', 1343],
  [
    'segments with odd flags: SYN and RST at once, none of SYN, FIN, ACK and RST, and others',
    'flags.jsonl',
    328,
  ],
  ['segments of both sides, and under secure_tcp and sloppy_tcp', 'states-two-way.jsonl', 2280],
  ['chunks of SCTP, of both sides, and under sloppy_sctp', 'sctp-states.jsonl', 2287],
] as const;

describe.for(hooks)('with %s in front', (hook) => {
  test.for(goldens)('the states after %s (%s, %i sequences)', ([, file, count], { players }) => {
    const player = players[hook];
    const all = readGolden<GoldenStates>(file);
    expect(all.length).toBe(count);
    const lines = all.filter((_, index) => index % sample[hook] === 0);
    for (const setting of new Set(lines.map(settingOf))) {
      const alike = lines.filter((line) => settingOf(line) === setting);
      player.clear();
      const entries = replay(player, alike);
      const wrong = alike.flatMap((line, index) => {
        const entry = entries[index] ?? none;
        return isAs(line, entry) ? [] : [{ line, ours: entry }];
      });
      expect(wrong).toEqual([]);
    }
  });
});

/** Both hooks have the same core, and XDP passes most of these segments up, which takes its time to be looked at. */
const sample: Readonly<Record<Hook, number>> = { tc: 1, xdp: 4, model: 1 };

const firstPort = 10_000;
const none: Entry = { state: null, seconds_left: null };

function settingOf({ forward, sysctl, segments }: GoldenStates): string {
  return JSON.stringify([forward, sysctl, segments !== undefined]);
}

/** What every sequence leaves. They differ in nothing but the client's port, and in no time. */
function replay(player: Player, lines: readonly GoldenStates[]): readonly (Entry | undefined)[] {
  const [{ forward = 'route', sysctl = {}, segments } = none as GoldenStates] = lines;
  player.plane.setSysctls({ ...player.plane.sysctls(), ...sysctl });
  player.plane.defend(Number.MAX_SAFE_INTEGER);
  arrange(player, serviceOf(segments ? 'tcp' : 'sctp', forward));
  lines.forEach((line, index) => {
    for (const text of line.segments ?? line.chunks ?? []) {
      send(player, firstPort + index, text, segments !== undefined);
    }
  });
  player.advance(1);
  const byPort = new Map<number, Entry>();
  for (const { client, state, expiresInSeconds } of player.plane.connections()) {
    byPort.set(client.port, { state, seconds_left: expiresInSeconds });
  }
  return lines.map((_, index) => byPort.get(firstPort + index));
}

function serviceOf(protocol: 'tcp' | 'sctp', forward: 'route' | 'masq'): Arrangement {
  const service = `${protocol}:${vip}:80`;
  return forward === 'masq'
    ? { service, servers: { '10.1.0.27:8080': { method: 'masq' } } }
    : { service, servers: { '10.0.0.11': 1 } };
}

function send(player: Player, port: number, text: string, isTcp: boolean): void {
  const [, sender = '', what = ''] = /^([cs]?)(.*)$/.exec(text) ?? [];
  const device = sender === 's' ? 'eth1' : 'eth0';
  const ends =
    sender === 's'
      ? { from: '10.1.0.27:8080', to: `10.0.0.200:${port}`, toMac: macOfInterface(device) }
      : { from: `10.0.0.200:${port}`, to: `${vip}:80` };
  const frame = isTcp
    ? tcp({ ...ends, flags: what })
    : sctp({ ...ends, chunks: what.split('+') as readonly Chunk[] });
  player.receive(frame, device);
}

/** A second may have passed before real IPVS was asked. */
function isAs(line: GoldenStates, entry: Entry): boolean {
  const late = (entry.seconds_left ?? 0) - (line.seconds_left ?? 0);
  return entry.state === line.state && (late === 0 || late === 1);
}
