/** A source port that comes back: when it is the old connection, and when a new one (conn_reuse_mode 1). */

import { describe } from 'vitest';
import { editServer, oneServer, removeServer, web } from '../support/arrange.ts';
import {
  type Case,
  drops,
  forwards,
  meanwhile,
  passes,
  play,
  refuses,
  rows,
  type Step,
} from '../support/case.ts';
import { tcp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const [rs1, rs2] = ['10.0.0.11', '10.0.0.12'];
const segment = (flags: string) => tcp({ from: '10.0.0.10:40001', to: `${vip}:80`, flags });
const given = [{ ...oneServer, servers: { [rs1]: 1, [rs2]: 1 } }];

/** The segments that bring a new entry, at the second server, into a state. */
const inTo = {
  SYN_RECV: ['S'],
  ESTABLISHED: ['S', 'A'],
  FIN_WAIT: ['S', 'A', 'FA'],
  TIME_WAIT: ['S', 'FA'],
  CLOSE: ['S', 'A', 'R'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
const reach = (state: keyof typeof inTo) => inTo[state].map((flags) => forwards(segment(flags), rs2));

const cases: readonly Case[] = [
  ...(['TIME_WAIT', 'CLOSE'] as const).map((state) => ({
    behaviour: `a SYN on an entry in ${state} is a new connection, and the old one is gone`,
    given,
    steps: [...reach(state), forwards(segment('S'), rs1)],
    leaves: [
      `tcp:10.0.0.100:80 conns=2 packets=${inTo[state].length + 1} bytes=${inTo[state].length * 40 + 40}`,
      `10.0.0.12:80 active=0 inactive=0 conns=1 packets=${inTo[state].length} bytes=${inTo[state].length * 40}`,
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
    ],
  })),
  ...(
    [
      ['SYN_RECV', 'SYN_RECV'],
      ['ESTABLISHED', 'ESTABLISHED'],
      ['FIN_WAIT', 'SYN_RECV'],
    ] as const
  ).map(([state, next]) => ({
    behaviour: `a SYN on an entry in ${state} is the old connection: same real server, then ${next}`,
    given,
    steps: [...reach(state), forwards(segment('S'), rs2)],
    leaves: [
      `tcp:10.0.0.100:80 conns=1 packets=${inTo[state].length + 1} bytes=${inTo[state].length * 40 + 40}`,
      `10.0.0.12:80 active=1 inactive=0 conns=1 packets=${inTo[state].length + 1} bytes=${inTo[state].length * 40 + 40}`,
      '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
      `10.0.0.10:40001 ${next} 10.0.0.12:80`,
    ],
  })),
  {
    behaviour: 'a SYN on a closed entry is a new connection even when its real server has been removed',
    given,
    steps: [
      ...reach('CLOSE'),
      meanwhile((player) => removeServer(player, web, rs2)),
      drops(segment('A'), 'server_removed'),
      forwards(segment('S'), rs1),
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=2 packets=4 bytes=160',
      '10.0.0.11:80 active=1 inactive=0 conns=1 packets=1 bytes=40',
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      'server_removed=1',
    ],
  },
  {
    behaviour: 'a SYN on a closed entry that finds no real server ends the entry all the same',
    steps: [
      ...inTo.CLOSE.map((flags) => forwards(segment(flags), rs1)),
      meanwhile((player) => removeServer(player, web, rs1)),
      refuses(segment('S'), 'no_server'),
      passes(segment('A'), 'no_connection'),
    ],
    leaves: ['tcp:10.0.0.100:80 conns=1 packets=3 bytes=120', 'no_connection=1', 'no_server=1'],
  },
  // The old entry lives on until the kernel's clock ticks, and takes the ICMP error for a reply of its own.
  ...(['gate', 'masq'] as const).map((method) => ({
    behaviour: `a SYN on a closed entry that no real server takes is refused: with ${method}, ${
      method === 'gate' ? 'the refusal counts as a reply' : 'the refusal is no reply'
    }`,
    given: [{ ...oneServer, servers: { [rs1]: { method } } }],
    steps: [
      ...inTo.CLOSE.map(
        (flags): Step =>
          (player) =>
            player.receive(segment(flags)),
      ),
      meanwhile((player) => editServer(player, web, rs1, { method, weight: 0 })),
      refuses(segment('S'), 'no_server'),
    ],
    leaves: [
      `tcp:10.0.0.100:80 conns=1 packets=3 bytes=120${method === 'gate' ? ' out=1/68' : ''}`,
      `10.0.0.11:80 active=0 inactive=0 conns=1 packets=3 bytes=120${method === 'gate' ? ' out=1/68' : ''}`,
      'no_server=1',
    ],
  })),
  // Asked of real IPVS (Linux 6.1, tools/real-ipvs).
  ...(['TIME_WAIT', 'CLOSE'] as const).map((state) => ({
    behaviour: `a SYN that is also a RST ends an entry in ${state}, and opens none`,
    given,
    steps: [...reach(state), passes(segment('SR'), 'no_connection'), passes(segment('A'), 'no_connection')],
    leaves: [
      `tcp:10.0.0.100:80 conns=1 packets=${inTo[state].length} bytes=${inTo[state].length * 40}`,
      `10.0.0.12:80 active=0 inactive=0 conns=1 packets=${inTo[state].length} bytes=${inTo[state].length * 40}`,
      '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
      'no_connection=2',
    ],
  })),
  ...(
    [
      ['SYN_RECV', 'SYN_RECV', 'active=1 inactive=0'],
      ['ESTABLISHED', 'CLOSE', 'active=0 inactive=1'],
      ['FIN_WAIT', 'CLOSE', 'active=0 inactive=1'],
    ] as const
  ).map(([state, next, bound]) => ({
    behaviour: `a SYN that is also a RST is a RST to an entry in ${state}: then ${next}`,
    given,
    steps: [...reach(state), forwards(segment('SR'), rs2)],
    leaves: [
      `tcp:10.0.0.100:80 conns=1 packets=${inTo[state].length + 1} bytes=${inTo[state].length * 40 + 40}`,
      `10.0.0.12:80 ${bound} conns=1 packets=${inTo[state].length + 1} bytes=${inTo[state].length * 40 + 40}`,
      '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
      `10.0.0.10:40001 ${next} 10.0.0.12:80`,
    ],
  })),
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
