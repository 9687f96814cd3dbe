import { describe, expect, test } from 'vitest';
import type { Packet } from '../scenario.ts';
import { addressBytes, addressText } from './address.ts';
import { buildFrames } from './build.ts';
import { crc32c } from './checksum.ts';
import { describeFrame } from './describe.ts';
import { buildProbe } from './probe.ts';
import { reassemble } from './reassemble.ts';

const macs = { from: '02:00:00:00:00:c9', to: '02:00:00:00:00:0b' };
const from = { address: '10.0.0.201', port: 1024 };
const to = { address: '10.0.0.100', port: 80 };
const from6 = { address: 'fd00::c9', port: 1024 };
const to6 = { address: 'fd00::100', port: 80 };

function described(packet: Packet, fragment?: number): readonly (string | undefined)[] {
  return buildFrames(packet, macs, fragment).map((frame) => describeFrame(frame));
}

describe('a frame that is built and described', () => {
  test('has the checksums its protocols ask for', () => {
    const rows: readonly Packet[] = [
      { kind: 'tcp', from, to, flags: 'SA', payload: 3 },
      { kind: 'udp', from, to, payload: 4 },
      { kind: 'sctp', from, to, chunks: ['COOKIE-ECHO', 'DATA'] },
      { kind: 'tcp', from: from6, to: to6, flags: 'S', payload: 0 },
      { kind: 'udp', from: from6, to: to6, payload: 5 },
      {
        kind: 'icmp',
        from: '10.0.0.254',
        to: to.address,
        type: 3,
        code: 4,
        about: { kind: 'udp', from: to, to: from, payload: 5 },
      },
      {
        kind: 'icmp',
        from: 'fd00::fe',
        to: to6.address,
        type: 2,
        code: 0,
        about: { kind: 'udp', from: to6, to: from6, payload: 5 },
      },
    ];
    for (const packet of rows) {
      const [text] = described(packet);
      expect(text).toMatch(/^rs1: /);
      expect(text).not.toContain('BAD');
    }
  });

  test('shows what a director may have changed', () => {
    expect(
      described({ kind: 'tcp', from, to, flags: 'S', payload: 0, ttl: 63, tos: 16, dontFragment: true }),
    ).toEqual([
      'rs1: 10.0.0.201:1024 > 10.0.0.100:80 tcp S seq 1000 ack 0 window 8192 payload 0 ttl 63 tos 16 total 40 id 16962 DF',
    ]);
  });

  test('says so when a checksum is wrong', () => {
    const [frame = Buffer.alloc(0)] = buildFrames({ kind: 'udp', from, to, payload: 4 }, macs);
    frame.writeUInt8(0, 22); // the TTL
    frame.writeUInt8(99, frame.length - 1);
    expect(describeFrame(frame)).toMatch(/BAD CHECKSUM.* BAD IP CHECKSUM/);
  });

  test('shows the packet inside a tunnel', () => {
    const [inner = Buffer.alloc(0)] = buildFrames({ kind: 'udp', from, to, payload: 0 }, macs);
    const [outer = Buffer.alloc(0)] = buildFrames(
      { kind: 'udp', from, to: { ...to, port: 6080 }, payload: 4 },
      macs,
    );
    const gue = Buffer.from([0, 4, 0, 0]);
    const frame = Buffer.concat([outer.subarray(0, 42), gue, inner.subarray(14)]);
    frame.writeUInt16BE(frame.length - 14, 16);
    expect(describeFrame(frame)).toMatch(
      /gue 00040000 checksum \[10\.0\.0\.201:1024 > 10\.0\.0\.100:80 udp payload 0 ttl 64 tos 0 total 28 id 16962\]/,
    );
  });

  test('may be a fragment', () => {
    expect(described({ kind: 'udp', from, to, payload: 30 }, 16)).toEqual([
      expect.stringContaining('udp payload 8:'),
      expect.stringContaining('proto 17 ttl 64 tos 0 total 36 id 16962 fragment 16+ payload 16:'),
      expect.stringContaining('total 26 id 16962 fragment 32 payload 6:'),
    ]);
  });

  test('is nothing to speak of when hosts look for each other', () => {
    const arp = Buffer.alloc(60);
    arp.writeUInt16BE(0x0806, 12);
    expect(describeFrame(arp)).toBeUndefined();
  });
});

test('addresses have the canonical text', () => {
  for (const text of [
    '10.0.0.1',
    'fd00::1',
    '::1',
    '::',
    '2001:db8:0:1::',
    '1:0:2:3:4:5:6:7',
    '2001:db8:1:1:1:1:0:0'.replace(':0:0', '::'),
  ]) {
    expect(addressText(addressBytes(text))).toBe(text);
  }
});

test('CRC32c of the digits is the one that RFC 3720 and others print', () => {
  expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
});

test('the probe is an ARP request from nowhere', () => {
  expect(buildProbe('10.0.1.2').toString('hex')).toBe(
    'ffffffffffff0200000000ff0806' + '0001080006040001' + '0200000000ff00000000' + '0000000000000a000102',
  );
});

describe('fragments', () => {
  const packet: Packet = { kind: 'udp', from, to, payload: 300 };
  const left = (parts: readonly Buffer[]) => parts.map((frame) => [0, frame] as const);

  test.each([
    ['IPv4', packet],
    ['IPv6', { ...packet, from: from6, to: to6 }],
  ] as const)('of %s are put together, in whatever order and size they come', (_, whole) => {
    const [expected] = described(whole);
    for (const size of [24, 64, 160]) {
      const parts = left(buildFrames(whole, macs, size));
      expect(reassemble(parts.toReversed()).map(([, frame]) => describeFrame(frame))).toEqual([expected]);
    }
  });

  test('stay what they are when one is missing, or belongs to another packet', () => {
    const [first, second, ...rest] = left(buildFrames(packet, macs, 64));
    if (!first || !second) throw new Error('too few');
    expect(reassemble([first, ...rest])).toEqual([first, ...rest]);
    expect(reassemble([first, [1, second[1]], ...rest])).toHaveLength(2 + rest.length);
    expect(reassemble([first, second, ...rest, first, second, ...rest])).toHaveLength(2);
  });
});
