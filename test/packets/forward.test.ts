/** What is forwarded, to whom, with which bytes, and what is counted for it. */

import { describe } from 'vitest';
import { dns, oneServer } from '../support/arrange.ts';
import { type Case, forwards, meanwhile, passes, play, rows } from '../support/case.ts';
import { padded, tcp, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const [rs1, rs2] = ['10.0.0.11', '10.0.0.12'];
const ends = { from: '10.0.0.10:40001', to: `${vip}:80` };
const query = { from: '10.0.0.10:40001', to: `${vip}:53` };
const segment = (flags: string, payload = 0) => tcp({ ...ends, flags, payload });

const cases: readonly Case[] = [
  {
    behaviour: 'a SYN to a service makes one entry in SYN_RECV, which counts as active',
    steps: [forwards(segment('S'), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'what follows on a connection goes to the same real server and counts as no new connection',
    given: [{ ...oneServer, servers: { [rs1]: 1, [rs2]: 1 } }],
    steps: [
      forwards(segment('S'), rs2),
      forwards(segment('A'), rs2),
      forwards(segment('PA', 100), rs2),
      forwards(segment('A'), rs2),
      forwards(segment('FA'), rs2),
      forwards(segment('A'), rs2),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=6 bytes=340',
      '10.0.0.12:80 active=0 inactive=1 conns=1 packets=6 bytes=340',
      '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
      '10.0.0.10:40001 FIN_WAIT 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a SYN that is also an ACK opens a connection, as in IPVS',
    steps: [forwards(segment('SA'), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'a datagram to a UDP service makes an entry, which counts as inactive',
    given: [{ service: dns, servers: { [rs1]: 1 } }],
    steps: [forwards(udp({ ...query, payload: 18 }), rs1), forwards(udp({ ...query, payload: 0 }), rs1)],
    leaves: [
      'udp:10.0.0.100:53 conns=1 packets=2 bytes=74',
      '10.0.0.11:53 active=0 inactive=1 conns=1 packets=2 bytes=74',
      '10.0.0.10:40001 UDP 10.0.0.11:53',
    ],
  },
  {
    behaviour: 'TCP and UDP on the same port are two services, and the same client has a connection to each',
    given: [
      { service: 'tcp:10.0.0.100:53', servers: { [rs1]: 1 } },
      { service: dns, servers: { [rs2]: 1 } },
    ],
    steps: [forwards(tcp({ ...query, flags: 'S' }), rs1), forwards(udp(query), rs2)],
    leaves: [
      'tcp:10.0.0.100:53 conns=1 packets=1 bytes=40',
      '10.0.0.11:53 active=1 inactive=0 conns=1 packets=1 bytes=40',
      'udp:10.0.0.100:53 conns=1 packets=1 bytes=28',
      '10.0.0.12:53 active=0 inactive=1 conns=1 packets=1 bytes=28',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:53',
      '10.0.0.10:40001 UDP 10.0.0.12:53',
    ],
  },
  {
    behaviour: 'each source port and each source address is a connection of its own',
    given: [{ ...oneServer, servers: { [rs1]: 1, [rs2]: 1 } }],
    steps: [
      forwards(tcp({ ...ends, flags: 'S' }), rs2),
      forwards(tcp({ ...ends, from: '10.0.0.10:40002', flags: 'S' }), rs1),
      forwards(tcp({ ...ends, from: '10.0.0.9:40001', flags: 'S' }), rs2),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=3 packets=3 bytes=120',
      '10.0.0.12:80 active=2 inactive=0 conns=2 packets=2 bytes=80',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:80',
      '10.0.0.10:40002 SYN_RECV 10.0.0.11:80',
      '10.0.0.9:40001 SYN_RECV 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'IP options go along, and the ports are found behind them',
    steps: [
      forwards(tcp({ ...ends, flags: 'S', options: [1, 1, 1, 0] }), rs1),
      forwards(tcp({ ...ends, flags: 'A', options: Array.from({ length: 40 }, () => 1) }), rs1),
      forwards(tcp({ ...ends, flags: 'A' }), rs1),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=3 bytes=164',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=3 bytes=164',
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'the padding of a short frame is not counted',
    given: [oneServer, { service: dns, servers: { [rs1]: 1 } }],
    steps: [forwards(padded(segment('S')), rs1), forwards(padded(udp(query)), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      'udp:10.0.0.100:53 conns=1 packets=1 bytes=28',
      '10.0.0.11:53 active=0 inactive=1 conns=1 packets=1 bytes=28',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      '10.0.0.10:40001 UDP 10.0.0.11:53',
    ],
  },
  {
    behaviour: '"don\'t fragment", type of service and identification stay as they are',
    steps: [forwards(tcp({ ...ends, flags: 'S', fragment: 0x4000, tos: 0xb8, id: 0xbeef }), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'a packet as long as the wire allows is counted with its IP length',
    steps: [forwards(segment('S'), rs1), forwards(segment('PA', 1460), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=2 bytes=1540',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=1540',
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'TTL 2 is enough for one more hop',
    steps: [forwards(tcp({ ...ends, flags: 'S', ttl: 2 }), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'a connection goes on when the VIP has left this host, and only new ones go to the stack',
    steps: [
      forwards(segment('S'), rs1),
      meanwhile(({ ip }) => ip(`address del ${vip}/32 dev eth0`)),
      forwards(segment('A'), rs1),
      passes(tcp({ ...ends, from: '10.0.0.10:40002', flags: 'S' }), 'vip_not_local'),
      meanwhile(({ ip }) => ip(`address add ${vip}/32 dev eth0`)),
      forwards(tcp({ ...ends, from: '10.0.0.10:40002', flags: 'S' }), rs1),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=3 bytes=120',
      '10.0.0.11:80 active=2 inactive=0 conns=2 packets=3 bytes=120',
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
      '10.0.0.10:40002 SYN_RECV 10.0.0.11:80',
      'vip_not_local=1',
    ],
  },
  {
    behaviour: 'a VIP that no interface has but the host delivers locally is served',
    given: [{ service: 'tcp:192.0.2.80:80', servers: { [rs1]: 1 } }],
    steps: [
      meanwhile(({ ip }) => ip('route add local 192.0.2.80/32 dev lo')),
      forwards(tcp({ ...ends, to: '192.0.2.80:80', flags: 'S' }), rs1),
      meanwhile(({ ip }) => ip('route del local 192.0.2.80/32 dev lo')),
      passes(tcp({ ...ends, from: '10.0.0.10:40002', to: '192.0.2.80:80', flags: 'S' }), 'vip_not_local'),
    ],
    leaves: [
      'tcp:192.0.2.80:80 conns=1 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      'vip_not_local=1',
    ],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
