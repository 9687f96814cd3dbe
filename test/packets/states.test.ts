/** TCP as a director in direct routing sees it, replayed against what real IPVS listed afterwards. */

import { describe, expect } from 'vitest';
import { arrange, oneServer } from '../support/arrange.ts';
import { readGolden } from '../support/golden.ts';
import { tcp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

type Line = {
  readonly segments: readonly string[];
  readonly state: string | null;
  readonly seconds_left: number | null;
};
type Entry = Omit<Line, 'segments'>;

/** So many that the first one's seconds are hardly less when the last one is sent. */
const together = 25;

const goldens = [
  ['one to four ordinary segments', 'states.jsonl', 1343],
  [
    'segments with odd flags: SYN and RST at once, none of SYN, FIN, ACK and RST, and others',
    'flags.jsonl',
    328,
  ],
] as const;

describe.for(hooks)('with %s in front', (hook) => {
  test.for(goldens)('the states after %s (%s, %i sequences)', ([, file, count], { players }) => {
    const player = players[hook];
    const lines = readGolden<Line>(file);
    expect(lines.length).toBe(count);
    arrange(player, { ...oneServer, servers: { '10.0.0.11': 1, '10.0.0.12': 1 } });
    let replayed = 0;
    for (let first = 0; first < lines.length; first += together) {
      const part = lines.slice(first, first + together);
      const begun = performance.now();
      for (const [index, { segments }] of part.entries()) sendAll(player, first + index, segments);
      const entries = entriesOf(player);
      const passed = Math.floor((performance.now() - begun) / 1000);
      const got = part.map(({ segments }, index) => ({ segments, ...(entries.get(first + index) ?? none) }));
      expect(got.map(withoutSeconds)).toEqual(part.map(withoutSeconds));
      part.forEach(({ segments, seconds_left }, index) => {
        const late = (seconds_left ?? 0) - (got[index]?.seconds_left ?? 0);
        expect(late, `seconds lost after ${segments}`).toBeGreaterThanOrEqual(-2);
        expect(late, `seconds lost after ${segments}`).toBeLessThanOrEqual(1 + passed);
        replayed++;
      });
    }
    expect(replayed).toBe(count);
  });
});

const firstPort = 10_000;
const none: Entry = { state: null, seconds_left: null };
const withoutSeconds = ({ segments, state }: Line): Omit<Line, 'seconds_left'> => ({ segments, state });

function sendAll(player: Player, index: number, segments: readonly string[]): void {
  const ends = { from: `10.0.0.200:${firstPort + index}`, to: `${vip}:80` };
  for (const flags of segments) player.receive(tcp({ ...ends, flags }));
}

/** By the index of their sequence. */
function entriesOf({ plane }: Player): ReadonlyMap<number, Entry> {
  const entries = [...plane.connections()].map(
    ({ client, state, expiresInSeconds }) =>
      [client.port - firstPort, { state, seconds_left: expiresInSeconds }] as const,
  );
  return new Map(entries);
}
