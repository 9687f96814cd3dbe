/** What matched a service and is dropped or refused, with its reason; and what then goes on. */

import { describe } from 'vitest';
import { type Scheduler, schedulers } from '../../src/ipvs/schedulers.ts';
import {
  addServer,
  arrange,
  dns,
  editServer,
  oneServer,
  removeServer,
  removeService,
  web,
} from '../support/arrange.ts';
import { type Case, drops, forwards, meanwhile, passes, play, refuses, rows } from '../support/case.ts';
import { padded, tcp, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const [rs1, rs2] = ['10.0.0.11', '10.0.0.12'];
const ends = { from: '10.0.0.10:40001', to: `${vip}:80` };
const query = { from: '10.0.0.10:40001', to: `${vip}:53` };
const segment = (flags: string, port = 40001) => tcp({ ...ends, from: `10.0.0.10:${port}`, flags });

const otherwise: readonly Scheduler[] = ['dh', 'sh', 'mh', 'lblc', 'lblcr', 'twos', 'none'];
const newestFirst = schedulers.filter((name) => !otherwise.includes(name));
const nothing = 'active=0 inactive=0 conns=0 packets=0 bytes=0';
const oneActive = 'active=1 inactive=0 conns=1 packets=1 bytes=40';

const cases: readonly Case[] = [
  // Those by hash or by lot have their cases without weight among the recorded sequences.
  ...newestFirst.flatMap((scheduler): readonly Case[] => [
    {
      behaviour: `${scheduler}: a service without real servers refuses what would open a connection`,
      given: [
        { service: web, scheduler, servers: {} },
        { service: dns, scheduler, servers: {} },
      ],
      steps: [refuses(segment('S'), 'no_server'), refuses(udp(query), 'no_server')],
      leaves: [
        'tcp:10.0.0.100:80 conns=0 packets=0 bytes=0',
        'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
        'no_server=2',
      ],
    },
    {
      behaviour: `${scheduler}: a service whose real servers all have weight 0 refuses new connections`,
      given: [{ service: web, scheduler, servers: { [rs1]: 0, [rs2]: 0 } }],
      steps: [refuses(segment('S'), 'no_server'), passes(segment('A'), 'no_connection')],
      leaves: [
        'tcp:10.0.0.100:80 conns=0 packets=0 bytes=0',
        `10.0.0.12:80 ${nothing}`,
        `10.0.0.11:80 ${nothing}`,
        'no_connection=1',
        'no_server=1',
      ],
    },
    {
      behaviour: `${scheduler}: a real server with weight 0 keeps its connections and gets no new ones`,
      given: [{ service: web, scheduler, servers: { [rs1]: 1, [rs2]: 1 } }],
      steps: [
        forwards(segment('S'), rs2),
        meanwhile((player) => editServer(player, web, rs2, 0)),
        forwards(segment('A'), rs2),
        forwards(segment('S', 40002), rs1),
        forwards(segment('S', 40003), rs1),
        forwards(segment('FA'), rs2),
      ],
      leaves: [
        'tcp:10.0.0.100:80 conns=3 packets=5 bytes=200',
        '10.0.0.12:80 active=0 inactive=1 conns=1 packets=3 bytes=120',
        '10.0.0.11:80 active=2 inactive=0 conns=2 packets=2 bytes=80',
        '10.0.0.10:40001 FIN_WAIT 10.0.0.12:80',
        '10.0.0.10:40002 SYN_RECV 10.0.0.11:80',
        '10.0.0.10:40003 SYN_RECV 10.0.0.11:80',
      ],
    },
  ]),
  {
    behaviour: 'the connection of a removed real server is dropped, and neither counted nor moved on',
    steps: [
      forwards(segment('S'), rs1),
      meanwhile((player) => removeServer(player, web, rs1)),
      drops(segment('A'), 'server_removed'),
      drops(segment('R'), 'server_removed'),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      'server_removed=2',
    ],
  },
  {
    behaviour: 'a real server that is added again has its connections and its counters again',
    steps: [
      forwards(segment('S'), rs1),
      meanwhile((player) => removeServer(player, web, rs1)),
      drops(segment('A'), 'server_removed'),
      meanwhile((player) => addServer(player, web, rs1)),
      forwards(segment('A'), rs1),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=2 bytes=80',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80',
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
      'server_removed=1',
    ],
  },
  {
    behaviour: "the connections of a removed service are dropped, while new ones are the stack's",
    given: [oneServer, { service: dns, servers: {} }],
    steps: [
      forwards(segment('S'), rs1),
      meanwhile((player) => removeService(player, web)),
      drops(segment('A'), 'server_removed'),
      passes(segment('S', 40002)),
    ],
    leaves: [
      'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      'server_removed=1',
    ],
  },
  {
    behaviour: "with the last service IPVS is out of the way: its connections' packets are the stack's",
    steps: [
      forwards(segment('S'), rs1),
      meanwhile((player) => removeService(player, web)),
      passes(segment('A')),
    ],
    leaves: ['10.0.0.10:40001 SYN_RECV 10.0.0.11:80'],
  },
  {
    behaviour: 'a service that is added again takes its connections up, with counters that begin at 0',
    steps: [
      forwards(segment('S'), rs1),
      meanwhile((player) => removeService(player, web)),
      meanwhile((player) => arrange(player, oneServer)),
      forwards(segment('A'), rs1),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=0 packets=1 bytes=40',
      '10.0.0.11:80 active=1 inactive=0 conns=0 packets=1 bytes=40',
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
    ],
  },
  {
    behaviour: "another service's real server of the same address is not taken for the removed one",
    given: [oneServer, { service: dns, servers: { [rs1]: 1 } }],
    steps: [
      forwards(segment('S'), rs1),
      meanwhile((player) => removeService(player, web)),
      meanwhile((player) => arrange(player, { service: 'tcp:10.0.0.100:8080', servers: { [rs1]: 1 } })),
      drops(segment('A'), 'server_removed'),
      forwards(tcp({ ...ends, to: `${vip}:8080`, flags: 'S' }), rs1),
    ],
    leaves: [
      'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
      `10.0.0.11:53 ${nothing}`,
      'tcp:10.0.0.100:8080 conns=1 packets=1 bytes=40',
      `10.0.0.11:8080 ${oneActive}`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:8080',
      'server_removed=1',
    ],
  },
  {
    behaviour:
      'TTL 1 ends here, counted as IPVS counts it: before it is sent, and its own answer as an outgoing packet',
    steps: [refuses(tcp({ ...ends, flags: 'S', ttl: 1 }), 'ttl_expired')],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40 out=1/68',
      `10.0.0.11:80 ${oneActive} out=1/68`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      'ttl_expired=1',
    ],
  },
  {
    behaviour: 'a refusal has the type of service of what it refuses, and quotes no more than fits 576 bytes',
    given: [
      { service: web, servers: {} },
      { service: dns, servers: {} },
    ],
    steps: [
      refuses(tcp({ ...ends, flags: 'S', tos: 0x1a }), 'no_server'),
      refuses(udp({ ...query, payload: 1200, tos: 0x2e }), 'no_server'),
      refuses(udp({ ...query, payload: 5 }), 'no_server'),
      refuses(padded(udp({ ...query, payload: 1 })), 'no_server'),
      refuses(tcp({ ...ends, flags: 'S', options: [1, 1, 1, 0] }), 'no_server'),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=0 packets=0 bytes=0',
      'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
      'no_server=5',
    ],
  },
  {
    behaviour: 'nobody is told where nobody can be answered',
    given: [{ service: web, servers: {} }],
    steps: ['0.0.0.1', '127.0.0.1', '224.0.0.1', '255.255.255.255'].map((from) =>
      drops(tcp({ from: `${from}:1`, to: `${vip}:80`, flags: 'S' }), 'no_server'),
    ),
    leaves: ['tcp:10.0.0.100:80 conns=0 packets=0 bytes=0', 'no_server=4'],
  },
  {
    behaviour: 'TTL 0 is not made 255',
    steps: [forwards(segment('S'), rs1), refuses(tcp({ ...ends, flags: 'A', ttl: 0 }), 'ttl_expired')],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=2 bytes=80 out=1/68',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80 out=1/68',
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
      'ttl_expired=1',
    ],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
