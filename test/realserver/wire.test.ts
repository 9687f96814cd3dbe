/**
 * What real IPVS sends by tunnel (test/golden/wire.jsonl), received: out of it must come the client's packet, with
 * the TTL one less, as the director has sent it inside.
 */

import { describe, expect } from 'vitest';
import { readGolden } from '../support/golden.ts';
import { oneHopFurther } from '../support/packet.ts';
import type { Recording } from '../support/recording.ts';
import { test } from './bench.ts';

type Pair = { readonly sent: Uint8Array; readonly inner: Uint8Array };

/** Frames that are tunnel packets as a whole, each with the packet in it. */
function tunnelPairs({ steps }: Recording): readonly Pair[] {
  return steps.flatMap((step) => {
    if (!('frame' in step)) return [];
    const arrived = trimmed(Buffer.from(step.frame, 'hex'));
    const inner = oneHopFurther(arrived).subarray(14);
    return step.out
      .map(({ frame }) => Buffer.from(frame, 'hex'))
      .filter((sent) => sent.length > arrived.length && sent.subarray(-inner.length).equals(inner))
      .map((sent) => ({ sent, inner }));
  });
}

/** Without what Ethernet has filled it up with. */
function trimmed(frame: Buffer): Uint8Array {
  const isIpv6 = frame[12] === 0x86;
  return frame.subarray(0, 14 + (isIpv6 ? 40 + frame.readUInt16BE(18) : frame.readUInt16BE(16)));
}

const recordings = readGolden<Recording>('wire.jsonl').filter(
  (each) => each.setup.some((line) => line.includes(' -i')) && tunnelPairs(each).length > 0,
);

test('there are recordings of every tunnel, in every mixture of families', () => {
  const names = recordings.map(({ name }) => name).join('\n');
  for (const kind of ['ipip', 'gue', 'gre']) expect(names).toMatch(new RegExp(`TUN ${kind}`));
  expect(recordings.length).toBeGreaterThan(50);
});

describe('real IPVS', () => {
  test.for(recordings.map((each) => [each.name, each] as const))('%s', ([, recording], { server }) => {
    const [port] = recording.setup.flatMap((line) => /--tun-port (\d+)/.exec(line)?.[1] ?? []);
    if (port !== undefined) server.begin(Number(port));
    for (const { sent, inner } of tunnelPairs(recording)) {
      const { fate, packet } = server.receive(sent);
      expect(fate).toBe('stack');
      expect(hex(packet.subarray(14)), `out of ${hex(sent)}`).toBe(hex(inner));
      expect(packet.subarray(12, 14), 'type').toEqual(
        Uint8Array.from((inner[0] ?? 0) >>> 4 === 6 ? [0x86, 0xdd] : [8, 0]),
      );
    }
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
