/** Persistence: what real IPVS listed (states.txt), and how long its templates last. */

import { describe, expect } from 'vitest';
import { numericLabel } from '../../src/ipvsadm/labels.ts';
import { renderConnection } from '../../src/ipvsadm/render-connections.ts';
import { views } from '../../src/ipvsadm/views.ts';
import { type Arrangement, arrange, editServer, editService, web } from '../support/arrange.ts';
import { type Case, forwards, meanwhile, play, rows, wait } from '../support/case.ts';
import { command } from '../support/commands.ts';
import { tcp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { type Listing, listingsOf } from '../support/states-text.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const servers = { '10.0.0.11': 1, '10.0.0.12': 1 };
const mark = 'mark:1';

function open(player: Player, from: string, port = 80): void {
  player.receive(tcp({ from, to: `${vip}:${port}`, flags: 'S' }));
}

/** What is done to a director, by section of states.txt: for each listing, what comes before it. */
const recorded: readonly (readonly [string, Arrangement, ...((player: Player) => void)[]])[] = [
  [
    'Persistence: -p 50',
    { service: web, persistent: 50, servers },
    (player) => {
      for (const from of ['200:8001', '200:8002', '201:8001', '202:8001']) open(player, `10.0.0.${from}`);
    },
    (player) => {
      player.advance(600);
      player.receive(tcp({ from: '10.0.0.200:8001', to: `${vip}:80`, flags: 'A' }));
    },
    (player) => {
      player.advance(600);
      for (const server of Object.keys(servers)) editServer(player, web, server, 0);
      for (const from of ['200:8003', '203:8001']) open(player, `10.0.0.${from}`);
    },
  ],
  [
    'Persistence: -p 50 -M 255.255.255.0',
    { service: web, persistent: 50, netmask: 0xffffff00, servers },
    (player) => {
      for (const from of ['10.0.0.200', '10.0.0.201', '10.0.1.1']) open(player, `${from}:8001`);
    },
  ],
  [
    'Persistence with port 0',
    { service: 'tcp:10.0.0.100:0', persistent: 50, servers },
    (player) => {
      for (const from of ['10.0.0.200:8001', '10.0.0.201:8001'])
        for (const port of [80, 443]) open(player, from, port);
    },
  ],
  [
    'Firewall mark 1 on :80 and :443',
    { service: mark, servers },
    (player) => {
      for (const port of [80, 443])
        command(
          player,
          `iptables-legacy -t mangle -A PREROUTING -d ${vip} -p tcp --dport ${port} -j MARK --set-mark 1`,
        );
      for (const port of [80, 443])
        for (const from of ['10.0.0.200:8001', '10.0.0.201:8001']) open(player, from, port);
    },
    (player) => {
      editService(player, { service: mark, persistent: 50 });
      for (const from of ['10.0.0.200:8002', '10.0.0.201:8002'])
        for (const port of [80, 443]) open(player, from, port);
    },
  ],
];

/** As `ipvsadm -Lcn` and `-Ln` would say it, a moment later: a second has begun. */
function listing(player: Player): Listing {
  player.advance(1);
  player.plane.sweep();
  const connections = [...player.plane.connections()].map((each) =>
    renderConnection(each, numericLabel, false).trimEnd(),
  );
  const noRates = { connectionsPerSecond: 0, inPacketsPerSecond: 0, outPacketsPerSecond: 0 };
  const rates = { ...noRates, inBytesPerSecond: 0, outBytesPerSecond: 0 };
  const bound = [...player.plane.services()]
    .flatMap(({ destinations }) => destinations)
    .map((each) => views.default.destination({ ...each, rates }, numericLabel(each, undefined), false));
  return sorted({ connections, servers: bound });
}

/** The kernel lists a hash table; states.txt has lost the blanks behind a line here and there. */
function sorted({ connections, servers: bound }: Listing): Listing {
  const lines = (texts: readonly string[]) => texts.map((line) => line.trimEnd()).sort();
  return { connections: lines(connections), servers: lines(bound) };
}

const [rs1, rs2] = ['10.0.0.11', '10.0.0.12'];
const sticky: Arrangement = { service: web, persistent: 50, servers: { [rs1]: 1, [rs2]: 1 } };
const segment = (port: number, flags: string) => tcp({ from: `10.0.0.10:${port}`, to: `${vip}:80`, flags });
/** A connection that is opened, established and reset. */
const comesAndGoes = (port: number) => ['S', 'A', 'R'].map((flags) => forwards(segment(port, flags), rs2));
const sweep = meanwhile(({ plane }) => plane.sweep());
const unused = `${rs1}:80 active=0 inactive=0 conns=0 packets=0 bytes=0`;

const lifetimes: readonly Case[] = [
  {
    behaviour: 'a template is there to the end of its time, and is followed until then',
    given: [sticky],
    steps: [...comesAndGoes(1), wait(50), sweep, forwards(segment(2, 'S'), rs2)],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=4 bytes=160',
      `${rs2}:80 active=1 inactive=0 persistent=1 conns=2 packets=4 bytes=160`,
      unused,
      '10.0.0.10:2 SYN_RECV 10.0.0.12:80',
      'template 10.0.0.10 > 10.0.0.100:80 ASSURED 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a template ends behind its time, and the scheduler chooses anew',
    given: [sticky],
    steps: [...comesAndGoes(1), wait(50.001), sweep, forwards(segment(2, 'S'), rs1)],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=4 bytes=160',
      `${rs2}:80 active=0 inactive=0 conns=1 packets=3 bytes=120`,
      `${rs1}:80 active=1 inactive=0 persistent=1 conns=1 packets=1 bytes=40`,
      '10.0.0.10:2 SYN_RECV 10.0.0.11:80',
      'template 10.0.0.10 > 10.0.0.100:80 NONE 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'each new connection gives its template the whole time again',
    given: [sticky],
    steps: [
      ...comesAndGoes(1),
      wait(49),
      ...comesAndGoes(2),
      wait(49),
      sweep,
      forwards(segment(3, 'S'), rs2),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=3 packets=7 bytes=280',
      `${rs2}:80 active=1 inactive=0 persistent=1 conns=3 packets=7 bytes=280`,
      unused,
      '10.0.0.10:3 SYN_RECV 10.0.0.12:80',
      'template 10.0.0.10 > 10.0.0.100:80 ASSURED 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a template whose time is over goes on for a minute at a time while a connection is under it',
    given: [sticky],
    steps: [
      ...['S', 'A'].map((flags) => forwards(segment(1, flags), rs2)),
      wait(51),
      sweep,
      forwards(segment(2, 'S'), rs2),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=3 bytes=120',
      `${rs2}:80 active=2 inactive=0 persistent=1 conns=2 packets=3 bytes=120`,
      unused,
      '10.0.0.10:1 ESTABLISHED 10.0.0.12:80',
      '10.0.0.10:2 SYN_RECV 10.0.0.12:80',
      'template 10.0.0.10 > 10.0.0.100:80 ASSURED 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a template of which no connection was ever established goes on as long as any other',
    given: [{ ...sticky, persistent: 100 }],
    steps: [forwards(segment(1, 'S'), rs2), wait(60.001), sweep, forwards(segment(2, 'S'), rs2)],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=2 bytes=80',
      `${rs2}:80 active=1 inactive=0 persistent=1 conns=2 packets=2 bytes=80`,
      unused,
      '10.0.0.10:2 SYN_RECV 10.0.0.12:80',
      'template 10.0.0.10 > 10.0.0.100:80 NONE 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a template binds its client to a quiesced real server',
    given: [sticky],
    steps: [
      ...comesAndGoes(1),
      meanwhile((player) => editServer(player, web, rs2, 0)),
      forwards(segment(2, 'S'), rs2),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=4 bytes=160',
      `${rs2}:80 active=1 inactive=1 persistent=1 conns=2 packets=4 bytes=160`,
      unused,
      '10.0.0.10:1 CLOSE 10.0.0.12:80',
      '10.0.0.10:2 SYN_RECV 10.0.0.12:80',
      'template 10.0.0.10 > 10.0.0.100:80 ASSURED 10.0.0.12:80',
    ],
  },
  {
    behaviour:
      'under expire_quiescent_template it makes way, and is there under port 65535 until its time is over',
    given: [sticky],
    steps: [
      meanwhile(({ plane }) => plane.setSysctls({ ...plane.sysctls(), expire_quiescent_template: 1 })),
      ...comesAndGoes(1),
      meanwhile((player) => editServer(player, web, rs2, 0)),
      forwards(segment(2, 'S'), rs1),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=4 bytes=160',
      `${rs2}:80 active=0 inactive=1 persistent=1 conns=1 packets=3 bytes=120`,
      `${rs1}:80 active=1 inactive=0 persistent=1 conns=1 packets=1 bytes=40`,
      '10.0.0.10:1 CLOSE 10.0.0.12:80',
      '10.0.0.10:2 SYN_RECV 10.0.0.11:80',
      'template 10.0.0.10 > 10.0.0.100:65535 ASSURED 10.0.0.12:65535',
      'template 10.0.0.10 > 10.0.0.100:80 NONE 10.0.0.11:80',
    ],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(recorded)('%s, as it was recorded', ([title, arrangement, ...steps], { players }) => {
    const player = players[hook];
    arrange(player, arrangement);
    const expected = listingsOf(title);
    expect(expected.length).toBe(steps.length);
    steps.forEach((step, index) => {
      step(player);
      expect(listing(player)).toEqual(sorted(expected[index] ?? { connections: [], servers: [] }));
    });
  });

  test.for(rows(lifetimes))('%s', ([, row], { players }) => play(players[hook], row));
});
