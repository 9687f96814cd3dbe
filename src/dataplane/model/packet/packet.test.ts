import { describe, expect, it } from 'vitest';
import { icmp, sctp, tcp, truncated, udp } from '../../../../test/support/packet.ts';
import { parsePacket } from './packet.ts';

const ends = { from: '10.0.0.200:40001', to: '10.0.0.100:80' };
const ends6 = { from: '[fd00::c8]:40001', to: '[fd00::100]:80' };
const syn = tcp({ ...ends, flags: 'S' });
const quoted = { kind: 'tcp', from: ends.to, to: ends.from, flags: 'A' } as const;

function summary(frame: Uint8Array): string {
  const packet = parsePacket(frame, 2);
  if (typeof packet === 'string') return packet;
  const { kind, protocol, client, clientPort, virtual, virtualPort, event, headers } = packet;
  return `${kind} ${protocol} ${client} ${clientPort} > ${virtual} ${virtualPort} ${event} ${headers.bytes}`;
}

describe('a packet is read as far as its ports and what it says of a connection', () => {
  it.each<[string, Uint8Array, string]>([
    ['TCP', syn, 'whole tcp 10.0.0.200 40001 > 10.0.0.100 80 syn 40'],
    ['UDP', udp({ ...ends, payload: 9 }), 'whole udp 10.0.0.200 40001 > 10.0.0.100 80 none 37'],
    ['SCTP', sctp({ ...ends, chunks: ['INIT'] }), 'whole sctp 10.0.0.200 40001 > 10.0.0.100 80 init 52'],
    ['IPv6', tcp({ ...ends6, flags: 'FA' }), 'whole tcp fd00::c8 40001 > fd00::100 80 fin 60'],
    [
      'IPv4 options',
      tcp({ ...ends, flags: 'A', options: [1, 1, 1, 1] }),
      'whole tcp 10.0.0.200 40001 > 10.0.0.100 80 ack 44',
    ],
    [
      'IPv6 extension headers',
      udp({ ...ends6, extensions: ['hop', 'routing', 'destination'] }),
      'whole udp fd00::c8 40001 > fd00::100 80 none 72',
    ],
    [
      'padding behind the packet',
      tcp({ ...ends, flags: 'R', pad: 60 }),
      'whole tcp 10.0.0.200 40001 > 10.0.0.100 80 rst 40',
    ],
    [
      "a first fragment, which has the packet's ports",
      udp({ ...ends, payload: 64, part: { offset: 0, length: 32 } }),
      'first-fragment udp 10.0.0.200 40001 > 10.0.0.100 80 none 52',
    ],
    [
      'a later one, which has none',
      udp({ ...ends, payload: 64, part: { offset: 32, length: 40 } }),
      'later-fragment udp 10.0.0.200 0 > 10.0.0.100 0 none 60',
    ],
    [
      'an ICMP error, by the packet in it, seen from the client',
      icmp({ from: '10.0.0.1', to: '10.0.0.100', type: 3, code: 1, about: quoted }),
      'icmp-error tcp 10.0.0.200 40001 > 10.0.0.100 80 none 68',
    ],
  ])('%s', (_, frame, text) => {
    expect(summary(frame)).toBe(text);
  });
});

describe('what cannot be read is malformed, if it would be ours', () => {
  const long = Array.from({ length: 9 }, () => 'destination' as const);
  it.each<[string, Uint8Array, 'malformed' | 'not-ours']>([
    ['a frame that ends within the IP header', truncated(syn, 19), 'malformed'],
    ['a frame that ends within the TCP header', truncated(syn, 39), 'malformed'],
    [
      'a length that leaves no room for the TCP header',
      tcp({ ...ends, flags: 'S', totalLength: 39 }),
      'malformed',
    ],
    ['a length beyond the frame', tcp({ ...ends, flags: 'S', totalLength: 41 }), 'malformed'],
    ['a header of 16 octets', tcp({ ...ends, flags: 'S', headerWords: 4 }), 'malformed'],
    ['another version than the Ethernet type says', tcp({ ...ends, flags: 'S', version: 6 }), 'malformed'],
    ['a ninth extension header', udp({ ...ends6, extensions: long }), 'not-ours'],
    ['an echo request', icmp({ from: '10.0.0.200', to: '10.0.0.100', type: 8, code: 0 }), 'not-ours'],
    [
      'an ICMP error that quotes too little to have ports',
      icmp({ from: '10.0.0.1', to: '10.0.0.100', type: 3, code: 1, about: quoted, quote: 23 }),
      'not-ours',
    ],
    ['ARP', syn.with(12, 8).with(13, 6), 'not-ours'],
  ])('%s', (_, frame, answer) => {
    expect(summary(frame)).toBe(answer);
  });

  it('has eight extension headers at most', () => {
    expect(summary(udp({ ...ends6, extensions: long.slice(1) }))).toContain('whole udp');
  });
});
