/** Fragments: the first one is treated by its ports, and the others go after it. */

import { describe } from 'vitest';
import { dns, oneServer } from '../support/arrange.ts';
import { type Case, forwards, passes, play, refuses, rows, sends, wait } from '../support/case.ts';
import { fragments, oneHopFurther, tcp, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip, vip6 } from '../support/world.ts';

const server = '10.0.0.11';
const query = { from: '10.0.0.10:40001', to: `${vip}:53` };
const [first, second, third] = fragments(udp({ ...query, id: 7, payload: 64 }), 32) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [otherFirst = first] = fragments(udp({ ...query, from: '10.0.0.10:40002', id: 7, payload: 64 }), 32);
const given = [{ service: dns, servers: { [server]: 1 } }];
const follows = (frame: Uint8Array) => sends(frame, oneHopFurther(frame));
const untouched = [
  'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
  `${server}:53 active=0 inactive=0 conns=0 packets=0 bytes=0`,
];

const query6 = { kind: 'udp', from: '[fd00::c8]:40001', to: `[${vip6}]:53`, payload: 64, id: 9 } as const;
const part6 = (offset: number, length: number) => udp({ ...query6, part: { offset, length } });

const cases: readonly Case[] = [
  {
    behaviour: 'the fragments of a datagram go to the same real server, each of them counted',
    given,
    steps: [follows(first), follows(second), follows(third)],
    leaves: [
      'udp:10.0.0.100:53 conns=1 packets=3 bytes=132',
      `${server}:53 active=0 inactive=1 conns=1 packets=3 bytes=132`,
      `10.0.0.10:40001 UDP ${server}:53`,
    ],
  },
  {
    behaviour: 'a later fragment that comes before the first one is left to the stack',
    given,
    steps: [passes(second, 'fragment'), follows(first), follows(third)],
    leaves: [
      'udp:10.0.0.100:53 conns=1 packets=2 bytes=80',
      `${server}:53 active=0 inactive=1 conns=1 packets=2 bytes=80`,
      `10.0.0.10:40001 UDP ${server}:53`,
      'fragment=1',
    ],
  },
  {
    behaviour: 'a later fragment of something else is left to the stack, and counted only where services are',
    given,
    steps: [
      passes(fragments(udp({ ...query, to: `${vip}:99`, payload: 64 }), 32)[1] ?? first, 'fragment'),
      passes(fragments(udp({ ...query, to: '10.0.0.2:53', payload: 64 }), 32)[1] ?? first),
    ],
    leaves: [...untouched, 'fragment=1'],
  },
  {
    behaviour: 'fragments of a TCP segment belong to its connection, and only the first one moves its state',
    given: [oneServer],
    steps: [
      forwards(tcp({ from: '10.0.0.10:40001', to: `${vip}:80`, flags: 'S' }), server),
      ...fragments(tcp({ from: '10.0.0.10:40001', to: `${vip}:80`, flags: 'A', payload: 64 }), 48).map(
        follows,
      ),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=3 bytes=164',
      `${server}:80 active=1 inactive=0 conns=1 packets=3 bytes=164`,
      `10.0.0.10:40001 ESTABLISHED ${server}:80`,
    ],
  },
  {
    behaviour: 'a first fragment is forgotten after half a minute',
    given,
    steps: [follows(first), wait(31), passes(second, 'fragment')],
    leaves: [
      'udp:10.0.0.100:53 conns=1 packets=1 bytes=52',
      `${server}:53 active=0 inactive=1 conns=1 packets=1 bytes=52`,
      `10.0.0.10:40001 UDP ${server}:53`,
      'fragment=1',
    ],
  },
  {
    behaviour:
      'a later fragment does not go after the first one of another datagram with the same identification',
    given: [{ service: dns, servers: { [server]: { upperThreshold: 1 } } }],
    steps: [follows(first), refuses(otherFirst, 'no_server'), passes(second, 'fragment')],
    leaves: [
      'udp:10.0.0.100:53 conns=1 packets=1 bytes=52',
      `${server}:53 active=0 inactive=1 conns=1 packets=1 bytes=52`,
      `10.0.0.10:40001 UDP ${server}:53`,
      'fragment=1',
      'no_server=1',
    ],
  },
  {
    behaviour: 'the same over IPv6, with fragment headers',
    given: [{ service: `udp:[${vip6}]:53`, servers: { 'fd00::b': 1 } }],
    steps: [passes(part6(32, 40), 'fragment'), follows(part6(0, 32)), follows(part6(32, 40))],
    leaves: [
      'udp:[fd00::100]:53 conns=1 packets=2 bytes=168',
      '[fd00::b]:53 active=0 inactive=1 conns=1 packets=2 bytes=168',
      '[fd00::c8]:40001 UDP [fd00::b]:53',
      'fragment=1',
    ],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
