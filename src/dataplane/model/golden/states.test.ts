/** What each sequence of segments or chunks leaves of an entry, as real IPVS listed it. */

import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../../test/support/frame/fields.ts';
import { type GoldenStates, readGolden } from '../../../../test/support/golden.ts';
import { sctp, tcp } from '../../../../test/support/packet.ts';
import { createModel, type Model } from '../model.ts';
import { ipvsadm } from './commands.ts';
import { createGoldenWorld, deviceIndexes } from './world.ts';

type Entry = Pick<GoldenStates, 'state' | 'seconds_left'>;

const servers = { route: '10.0.0.11:80 -g', masq: '10.1.0.27:8080 -m' };

function replay({ forward = 'route', sysctl = {}, segments, chunks }: GoldenStates): Entry {
  const world = createGoldenWorld();
  const model = createModel(world);
  model.setSysctls({ ...model.sysctls(), ...sysctl });
  model.defend(Number.MAX_SAFE_INTEGER);
  const service = segments ? '-t 10.0.0.100:80' : '--sctp-service 10.0.0.100:80';
  ipvsadm(model, `-A ${service} -s rr`);
  ipvsadm(model, `-a ${service} -r ${servers[forward]}`);
  for (const text of segments ?? chunks ?? []) send(model, text, segments !== undefined);
  world.wait(0.001);
  const [entry] = model.connections();
  return { state: entry?.state ?? null, seconds_left: entry?.expiresInSeconds ?? null };
}

/** From the client unless it begins with `s`. */
function send(model: Model, text: string, isTcp: boolean): void {
  const [, sender = '', what = ''] = /^([cs]?)(.*)$/.exec(text) ?? [];
  const isReply = sender === 's';
  const ends = isReply
    ? { from: '10.1.0.27:8080', to: '10.0.0.200:1024', toMac: '02:00:00:00:00:03' }
    : { from: '10.0.0.200:1024', to: '10.0.0.100:80', toMac: '02:00:00:00:00:02' };
  const frame = isTcp
    ? tcp({ ...ends, flags: what })
    : sctp({ ...ends, chunks: what.split('+') as readonly Chunk[] });
  model.receive('tc', deviceIndexes[isReply ? 'eth1' : 'eth0'] ?? 0, frame);
}

/** A second may have passed before the listing. */
function isAs(line: GoldenStates, entry: Entry): boolean {
  const late = (entry.seconds_left ?? 0) - (line.seconds_left ?? 0);
  return entry.state === line.state && (late === 0 || late === 1);
}

describe.each(['states.jsonl', 'flags.jsonl', 'states-two-way.jsonl', 'sctp-states.jsonl'])('%s', (file) => {
  it('leaves every entry in the state that real IPVS left it in, for as long', { timeout: 60_000 }, () => {
    const lines = readGolden<GoldenStates>(file);
    const wrong = lines.filter((line) => !isAs(line, replay(line)));
    expect(wrong.map((line) => ({ line, ours: replay(line) }))).toEqual([]);
  });
});
