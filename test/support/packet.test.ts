import { describe, expect, test } from 'vitest';
import { clientMac, directorMac } from './frame/build.ts';
import { checksum } from './frame/checksum.ts';
import {
  arpRequest,
  between,
  fragments,
  oneHopFurther,
  padded,
  ping,
  tagged,
  tcp,
  truncated,
  udp,
} from './packet.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const ends = { from: '10.0.0.10:40001', to: '10.0.0.100:80' };
const macs = '020000000002 0200000000aa';

/** The first three are captures of what Linux sent; the others were reckoned by another implementation. */
const known: readonly (readonly [string, Uint8Array, string])[] = [
  [
    'a datagram',
    udp({ from: '10.0.0.10:40001', to: '10.0.0.100:53', payload: 2, id: 0x02db }),
    `${macs} 0800 4500001e 02db0000 40116387 0a00000a 0a000064 9c410035 000a4ef5 0001`,
  ],
  [
    'an echo request',
    ping({ from: '10.0.0.10', to: '10.0.0.100', id: 0xb28d }),
    `${macs} 0800 45000024 b28d0000 4001b3de 0a00000a 0a000064 0800ebed 00010001 0001020304050607`,
  ],
  [
    'an ARP request',
    arpRequest({ sender: '10.0.0.10', target: '10.0.0.100' }),
    'ffffffffffff 0200000000aa 0806 0001080006040001 0200000000aa0a00000a 0000000000000a000064',
  ],
  [
    'a SYN',
    tcp({ ...ends, flags: 'S' }),
    `${macs} 0800 45000028 00010000 40066662 0a00000a 0a000064
     9c410050 00000001 00000000 5002faf0 03f20000`,
  ],
  [
    'a segment with three bytes',
    tcp({ ...ends, flags: 'PA', payload: 3 }),
    `${macs} 0800 4500002b 00010000 4006665f 0a00000a 0a000064
     9c410050 00000001 00000001 5018faf0 01d70000 000102`,
  ],
];

test.each(known)('%s is what it is on a real wire, byte by byte', (_, frame, bytes) => {
  expect(hex(frame)).toBe(bytes.replace(/\s/g, ''));
});

test('the checksum is that of RFC 1071 for its example, and for the one of Wikipedia', () => {
  expect(checksum(bytesOf('0001 f203 f4f5 f6f7'))).toBe(0x220d);
  expect(checksum(bytesOf('45000073000040004011 0000 c0a80001c0a800c7'))).toBe(0xb861);
  expect(checksum(bytesOf('0001 02')), 'an odd byte counts as a high one').toBe(0xfdfe);
});

describe('a frame can be made', () => {
  const frame = tcp({ ...ends, flags: 'S', ttl: 7 });

  test('with options: the header is longer and its checksum covers them', () => {
    const optioned = tcp({ ...ends, flags: 'S', ttl: 7, options: [1, 1, 1, 0] });
    expect(hex(optioned.slice(14, 38))).toBe(
      '4600002c00010000 0706 9c5d 0a00000a0a000064 01010100'.replace(/ /g, ''),
    );
    expect(optioned.slice(38)).toEqual(frame.slice(34));
  });

  test('with a wrong version, header length or total length, whose checksum is right nevertheless', () => {
    const wrong = tcp({ ...ends, flags: 'S', version: 6, headerWords: 4, totalLength: 9 });
    expect(hex(wrong.slice(14, 18))).toBe('64000009');
    expect(checksum(wrong.slice(14, 34))).toBe(0);
  });

  test('one hop older: TTL and checksum change, and nothing else', () => {
    expect(oneHopFurther(frame)).toEqual(tcp({ ...ends, flags: 'S', ttl: 6 }));
  });

  test('for another pair of machines', () => {
    const turned = between(frame, directorMac, clientMac);
    expect(hex(turned)).toBe(`0200000000aa020000000002${hex(frame).slice(24)}`);
  });

  test('with a tag, which stands before the type', () => {
    expect(hex(tagged(frame, 5))).toBe(`${hex(frame).slice(0, 24)}81000005${hex(frame).slice(24)}`);
  });

  test('padded to 60 bytes, or truncated', () => {
    expect(hex(padded(frame))).toBe(hex(frame) + '00'.repeat(6));
    expect(hex(truncated(frame, 21))).toBe(hex(frame).slice(0, 2 * (14 + 21)));
  });
});

test('fragments have their own headers and, put together, the payload of the whole', () => {
  const whole = udp({ ...ends, payload: 30 });
  const parts = fragments(whole, 16);
  const header = (index: number): string => hex(parts[index]?.slice(16, 22) ?? new Uint8Array());
  expect([header(0), header(1), header(2)]).toEqual(['002400012000', '002400012002', '001a00010004']);
  for (const part of parts) expect(checksum(part.slice(14, 34))).toBe(0);
  expect(Buffer.concat(parts.map((part) => part.slice(34)))).toEqual(Buffer.from(whole.slice(34)));
});

test('an endpoint or flag that is none is refused', () => {
  expect(() => tcp({ ...ends, flags: 'X' })).toThrow('TCP flag X');
  expect(() => tcp({ ...ends, from: '10.0.0.300:1', flags: 'S' })).toThrow('address of 10.0.0.300:1');
  expect(() => udp({ ...ends, to: '10.0.0.100' })).toThrow('port of 10.0.0.100');
});
