/** One-packet scheduling: a service without a memory. XDP leaves all of it to TC. */

import { describe, expect } from 'vitest';
import { type Arrangement, dns } from '../support/arrange.ts';
import { type Case, meanwhile, play, refuses, rows, type Step } from '../support/case.ts';
import { command } from '../support/commands.ts';
import { oneHopFurther, udp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const [rs1, rs2] = ['10.0.0.11', '10.0.0.12'];
const query = udp({ from: '10.0.0.10:40001', to: `${vip}:53` });
const one: Arrangement = { service: dns, onePacket: true, servers: { [rs1]: 1, [rs2]: 1 } };
const server = (address: string, packets: number) =>
  `${address}:53 active=0 inactive=0 conns=${packets} packets=${packets} bytes=${28 * packets}`;

/** The datagram goes on, and is the one that this real server counts. */
function reaches(frame: Uint8Array, address: string): Step {
  return (player) => {
    const before = packetsOf(player);
    expect(player.receive(frame)).toEqual({ fate: 'forwarded', by: 'tc', packet: oneHopFurther(frame) });
    const gained = packetsOf(player).filter((row) => !before.includes(row));
    expect(gained.map((row) => row.split(' ')[0])).toEqual([address]);
  };
}

function packetsOf({ plane }: Player): readonly string[] {
  const servers = [...plane.services()].flatMap(({ destinations }) => destinations);
  return servers.map(({ address, counters }) => `${address} ${counters.inPackets}`);
}

const cases: readonly Case[] = [
  {
    behaviour: 'every datagram of one client is scheduled by itself, counts as a connection, and leaves none',
    given: [one],
    steps: [reaches(query, rs2), reaches(query, rs1), reaches(query, rs2)],
    leaves: ['udp:10.0.0.100:53 conns=3 packets=3 bytes=84', server(rs2, 2), server(rs1, 1)],
  },
  {
    behaviour: 'a real server that leaves, or is quiesced, gets nothing from the next datagram on',
    given: [one],
    steps: [
      reaches(query, rs2),
      meanwhile((player) => command(player, `ipvsadm -e -u ${vip}:53 -r ${rs1}:53 -g -w 0`)),
      reaches(query, rs2),
      meanwhile((player) => command(player, `ipvsadm -d -u ${vip}:53 -r ${rs2}:53`)),
      refuses(query, 'no_server'),
    ],
    leaves: ['udp:10.0.0.100:53 conns=2 packets=2 bytes=56', server(rs1, 0), 'no_server=1'],
  },
  {
    behaviour: 'an upper threshold never fills, since nothing is bound',
    given: [{ ...one, servers: { [rs1]: { upperThreshold: 1 } } }],
    steps: [reaches(query, rs1), reaches(query, rs1)],
    leaves: ['udp:10.0.0.100:53 conns=2 packets=2 bytes=56', server(rs1, 2)],
  },
  {
    behaviour: 'with persistence there is a template, which holds the client at its real server',
    given: [{ ...one, persistent: 50 }],
    steps: [reaches(query, rs2), reaches(query, rs2)],
    leaves: [
      'udp:10.0.0.100:53 conns=2 packets=2 bytes=56',
      `${rs2}:53 active=0 inactive=0 persistent=1 conns=2 packets=2 bytes=56`,
      server(rs1, 0),
      'template 10.0.0.10 > 10.0.0.100:53 NONE 10.0.0.12:53',
    ],
  },
  {
    behaviour: 'an ICMP error about a datagram is nobody’s reply, and counts as none',
    given: [one],
    steps: [refuses(udp({ from: '10.0.0.10:40001', to: `${vip}:53`, ttl: 1 }), 'ttl_expired')],
    leaves: ['udp:10.0.0.100:53 conns=1 packets=1 bytes=28', server(rs2, 1), server(rs1, 0), 'ttl_expired=1'],
  },
  {
    behaviour: 'a connection from before goes on as one, and new clients have none',
    given: [{ ...one, onePacket: false }],
    steps: [
      meanwhile((player) => void player.receive(query)),
      meanwhile((player) => command(player, `ipvsadm -E -u ${vip}:53 -s rr -o`)),
      meanwhile((player) => void player.receive(query)),
      reaches(udp({ from: '10.0.0.9:40001', to: `${vip}:53` }), rs1),
    ],
    leaves: [
      'udp:10.0.0.100:53 conns=2 packets=3 bytes=84',
      `${rs2}:53 active=0 inactive=1 conns=1 packets=2 bytes=56`,
      server(rs1, 1),
      '10.0.0.10:40001 UDP 10.0.0.12:53',
    ],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
