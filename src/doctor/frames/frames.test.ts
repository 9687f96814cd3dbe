import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import * as build from './build.ts';
import { checksum } from './checksum.ts';
import { encapsulate } from './encapsulate.ts';
import { isReset, isSynAck, readFrame } from './read.ts';

const [ours, theirs] = ['02:00:0a:00:00:01', '02:00:0a:00:00:02'];
const families = [
  { family: 'IPv4', from: '10.0.0.1' as Address, to: '10.0.0.100' as Address },
  { family: 'IPv6', from: 'fd00::1' as Address, to: 'fd00::100' as Address },
];
const frameOf = (packet: Uint8Array) => readFrame(build.ethernet(ours, theirs, packet));

describe.each(families)('in $family', ({ from, to }) => {
  it('a SYN is read as it was built, and its checksums are right', () => {
    const packet = build.tcp({ from, to }, { sourcePort: 40_001, port: 80, flags: 2, sequence: 0xfffffffe });
    expect(frameOf(packet)).toEqual({
      ...{ source: ours, destination: theirs },
      content: {
        ...{ kind: 'tcp', from, to, ttl: 64, sourcePort: 40_001, port: 80, flags: 2 },
        ...{ sequence: 0xfffffffe, acknowledged: 0 },
      },
    });
    if (packet[0] === 0x45) expect(checksum(packet.subarray(0, 20))).toBe(0);
  });

  it('a datagram and a ping are read as they were built', () => {
    expect(frameOf(build.udp({ from, to }, { sourcePort: 1, port: 53 }))?.content).toEqual({
      ...{ kind: 'udp', from, to, ttl: 64, sourcePort: 1, port: 53 },
    });
    expect(frameOf(build.echo({ from, to }, 7, 65_535))?.content).toEqual({
      ...{ kind: 'echo', isAnswer: false, from, to, id: 7, sequence: 65_535 },
    });
  });

  it('a tunnel has the packet inside, in either family outside', () => {
    const packet = build.udp({ from, to }, { sourcePort: 1, port: 53 });
    for (const outer of families) {
      for (const [type, port, sums, header] of [
        ['ipip', 0, 'nocsum', 0],
        ['gue', 6080, 'csum', 12],
        ['gre', 0, 'nocsum', 4],
        ['gre', 0, 'csum', 8],
      ] as const) {
        const tunnelled = encapsulate(packet, outer, { type, port, checksum: sums });
        const length = outer.family === 'IPv4' ? 20 : 40;
        expect(tunnelled.subarray(length + header)).toEqual(packet);
      }
    }
  });
});

describe('claims', () => {
  const vip = '10.0.0.100' as Address;

  it('an ARP question claims the address it is asked in the name of', () => {
    expect(readFrame(build.arpRequest(ours, '10.0.0.1' as Address, vip))?.content).toEqual({
      ...{ kind: 'neighbour', isAnswer: false, claimed: '10.0.0.1', mac: ours, target: vip },
    });
  });

  it("a question in nobody's name claims nothing", () => {
    const content = readFrame(build.arpRequest(ours, '0.0.0.0' as Address, vip))?.content;
    expect(content).toMatchObject({ kind: 'neighbour', claimed: undefined });
  });

  it('gratuitous ARP, as question and as answer, claims the address', () => {
    for (const form of ['request', 'reply'] as const) {
      expect(readFrame(build.gratuitousArp(ours, vip, form))?.content).toMatchObject({
        ...{ isAnswer: form === 'reply', claimed: vip, target: vip },
      });
    }
  });

  it('neighbour discovery claims by sender when it asks, by target when it answers', () => {
    const [own, wanted] = ['fd00::1' as Address, 'fd00::100' as Address];
    expect(readFrame(build.neighbourSolicitation(ours, own, wanted))).toEqual({
      ...{ source: ours, destination: '33:33:ff:00:01:00' },
      content: { kind: 'neighbour', isAnswer: false, claimed: own, mac: ours, target: wanted },
    });
    expect(readFrame(build.neighbourAdvertisement(ours, wanted))?.content).toMatchObject({
      ...{ isAnswer: true, claimed: wanted, mac: ours },
    });
  });
});

it('an ICMP error is read with what it quotes', () => {
  const [from, to] = ['10.0.0.1' as Address, '10.0.0.100' as Address];
  const about = build.udp({ from, to }, { sourcePort: 9, port: 53 });
  const error = build.ip({ from: to, to: from }, 1, Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0, ...about));
  expect(frameOf(error)?.content).toEqual({
    ...{ kind: 'unreachable', from: to, to: from, type: 3, code: 3 },
    quoted: { protocol: 17, from, to, sourcePort: 9, port: 53 },
  });
});

it('flags tell an answer from a refusal', () => {
  expect([isSynAck(0x12), isSynAck(0x02), isSynAck(0x16), isReset(0x14), isReset(0x10)]).toEqual([
    ...[true, false, false, true, false],
  ]);
});

it('whatever arrives is read or left alone', () => {
  const heads = [[], [0x08, 0x06], [0x08, 0x00], [0x86, 0xdd]];
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 120 }), (ethertype, bytes) => {
      readFrame(Uint8Array.of(...new Array<number>(12).fill(2), ...ethertype, ...bytes));
    }),
  );
});
