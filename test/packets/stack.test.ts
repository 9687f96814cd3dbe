/** What goes up to the local stack untouched: what is not for a service, and what IPVS leaves to the stack. */

import { describe } from 'vitest';
import { dns, oneServer } from '../support/arrange.ts';
import { type Case, passes, play, rows } from '../support/case.ts';
import { arpRequest, fragments, padded, ping, tagged, tcp, truncated, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const server = '10.0.0.11';
const ends = { from: '10.0.0.10:40001', to: `${vip}:80` };
const query = { from: '10.0.0.10:40001', to: `${vip}:53` };
const syn = tcp({ ...ends, flags: 'S' });
const both = [oneServer, { service: dns, servers: { [server]: 1 } }];

const untouched = [
  'tcp:10.0.0.100:80 conns=0 packets=0 bytes=0',
  '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
];
const bothUntouched = [
  ...untouched,
  'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
  '10.0.0.11:53 active=0 inactive=0 conns=0 packets=0 bytes=0',
];

/** Packets that are nobody's business: no counter moves, no reason is given. */
const foreign: readonly (readonly [string, Uint8Array])[] = [
  ['a ping to the VIP', ping({ from: '10.0.0.10', to: vip })],
  ['a SYN to another port of the VIP', tcp({ ...ends, to: `${vip}:81`, flags: 'S' })],
  ['a SYN to another address of this host', tcp({ ...ends, to: '10.0.0.2:80', flags: 'S' })],
  ['a SYN to an address that is not of this host', tcp({ ...ends, to: '10.0.0.99:80', flags: 'S' })],
  ['an ARP request for the VIP', arpRequest({ sender: '10.0.0.10', target: vip })],
  [
    'a SYN over IPv6 to an address without service',
    tcp({ from: '[fd00::c8]:40001', to: '[fd00::100]:80', flags: 'S' }),
  ],
  ['a frame that is tagged for a VLAN', tagged(syn, 5)],
  ['a frame for another machine', tcp({ ...ends, flags: 'S', toMac: '02:00:00:00:00:03' })],
  ['a broadcast frame', tcp({ ...ends, flags: 'S', toMac: 'ff:ff:ff:ff:ff:ff' })],
  ['a multicast frame', tcp({ ...ends, flags: 'S', toMac: '01:00:5e:00:00:01' })],
  ['a frame whose MAC differs in one bit', tcp({ ...ends, flags: 'S', toMac: '02:00:00:00:00:06' })],
  ['a datagram to the port of a TCP service', udp({ ...ends })],
];

/** Packets whose headers do not fit what carries them. IPVS never sees them: the stack drops them before. */
const malformed: readonly (readonly [string, Uint8Array])[] = [
  ['of another version', tcp({ ...ends, flags: 'S', version: 6 })],
  ['of version 0', tcp({ ...ends, flags: 'S', version: 0 })],
  ['with a header length below 20', tcp({ ...ends, flags: 'S', headerWords: 4 })],
  ['with a header length of 0', tcp({ ...ends, flags: 'S', headerWords: 0 })],
  ['with a header length beyond its end', truncated(tcp({ ...ends, flags: 'S', headerWords: 15 }), 40)],
  ['that ends within the IP options', truncated(tcp({ ...ends, flags: 'S', options: [1, 1, 1, 0] }), 22)],
  ['that ends behind its IP header', truncated(syn, 20)],
  ['that ends within the ports', truncated(syn, 23)],
  ['that ends before the TCP flags', truncated(syn, 33)],
  ['that ends within the TCP header', truncated(syn, 39)],
  ['of UDP that ends within its header', truncated(udp(query), 27)],
  ['whose total length ends within the IP header', padded(tcp({ ...ends, flags: 'S', totalLength: 19 }))],
  ['whose total length leaves no room for TCP', padded(tcp({ ...ends, flags: 'S', totalLength: 39 }))],
  ['whose total length leaves no room for UDP', padded(udp({ ...query, totalLength: 27 }))],
  ['whose total length is more than there is', tcp({ ...ends, flags: 'S', totalLength: 41 })],
  ['whose total length is 0', tcp({ ...ends, flags: 'S', totalLength: 0 })],
];

const cases: readonly Case[] = [
  ...foreign.map(([what, frame]) => ({
    behaviour: `${what} is left alone, and nothing is counted`,
    given: both.slice(0, 1),
    steps: [passes(frame)],
    leaves: untouched,
  })),
  ...malformed.map(([what, frame]) => ({
    behaviour: `a packet ${what} is left to the stack as malformed`,
    given: both,
    steps: [passes(frame, 'malformed')],
    leaves: [...bothUntouched, 'malformed=1'],
  })),
  ...['A', 'PA', 'FA', 'R', 'RA', 'SR', 'SRA', '', 'P', 'U'].map((flags) => ({
    behaviour: `TCP flags "${flags}" without a connection are left to the stack, which answers with a reset`,
    steps: [passes(tcp({ ...ends, flags }), 'no_connection')],
    leaves: [...untouched, 'no_connection=1'],
  })),
  {
    behaviour: "a fragment that is no service's is left alone, without a reason",
    steps: [passes(fragments(tcp({ ...ends, to: `${vip}:81`, flags: 'S', payload: 64 }), 40)[0] ?? syn)],
    leaves: untouched,
  },
  {
    behaviour: 'with no service at all, everything is left alone',
    given: [],
    steps: [passes(syn), passes(tcp({ ...ends, flags: 'A' })), passes(udp(query))],
    leaves: [],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
