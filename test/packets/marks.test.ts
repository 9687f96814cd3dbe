/** Services by firewall mark: which packets are theirs, and where these go. */

import { describe } from 'vitest';
import type { Address, Port } from '../../src/ipvs/address.ts';
import type { MarkRule } from '../../src/ipvs/mark-rule.ts';
import { type Arrangement, oneServer, web } from '../support/arrange.ts';
import { type Case, forwards, meanwhile, passes, play, rows, type Step } from '../support/case.ts';
import { tcp, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip, vip6 } from '../support/world.ts';

const [rs1, rs2] = ['10.0.0.11', '10.0.0.12'];
const client = '10.0.0.10:40001';
const toPort = (port: number, from = client) => tcp({ from, to: `${vip}:${port}`, flags: 'S' });
const datagram = udp({ from: client, to: `${vip}:80` });
const byMark: Arrangement = { service: 'mark:1', servers: { [rs1]: 1, [rs2]: 1 } };
const idle = (server: string, port = 0) => `${server}:${port} active=0 inactive=0 conns=0 packets=0 bytes=0`;

/** Packets of TCP to these ports of the VIP get the mark, behind the rules there are. */
function marked(value: number, ports: readonly number[], words: Partial<MarkRule> = {}): Step {
  return meanwhile(({ plane }) => {
    const rules = ports.map((port): MarkRule => {
      const targetPorts = { first: port as Port, last: port as Port };
      const target = { address: vip as Address, length: 32 };
      return {
        family: 4,
        protocol: 'tcp',
        target,
        targetPorts,
        value,
        mask: 0xffffffff,
        final: false,
        ...words,
      };
    });
    plane.setMarkRules([...plane.markRules(), ...rules]);
  });
}

const cases: readonly Case[] = [
  {
    behaviour: 'all ports with the mark are one service, and each packet keeps the port it was for',
    given: [byMark],
    steps: [
      marked(1, [80, 443]),
      forwards(toPort(80), rs2),
      forwards(toPort(443), rs1),
      passes(toPort(8080)),
    ],
    leaves: [
      'mark:1 conns=2 packets=2 bytes=80',
      `${rs2}:0 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      `${rs1}:0 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:443',
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'the mark goes before address and port, and what has none goes by these',
    given: [
      { service: 'mark:1', servers: { [rs1]: 1 } },
      { ...oneServer, servers: { [rs2]: 1 } },
    ],
    steps: [
      marked(1, [80], { source: { address: '10.0.0.10' as Address, length: 32 } }),
      forwards(toPort(80), rs1),
      forwards(toPort(80, '10.0.0.9:40001'), rs2),
    ],
    leaves: [
      'mark:1 conns=1 packets=1 bytes=40',
      `${rs1}:0 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      `${rs2}:80 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
      '10.0.0.9:40001 SYN_RECV 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a mark that is no service leaves the packet to the service of its address',
    given: [byMark, { service: web, servers: { [rs2]: 1 } }],
    steps: [marked(2, [80]), forwards(toPort(80), rs2)],
    leaves: [
      'mark:1 conns=0 packets=0 bytes=0',
      idle(rs2),
      idle(rs1),
      'tcp:10.0.0.100:80 conns=1 packets=1 bytes=40',
      `${rs2}:80 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'a connection stays what it is when its packets get another mark',
    given: [
      { service: 'mark:1', servers: { [rs1]: 1 } },
      { service: 'mark:2', servers: { [rs2]: 1 } },
    ],
    steps: [
      marked(1, [80]),
      forwards(toPort(80), rs1),
      marked(2, [80]),
      forwards(tcp({ from: client, to: `${vip}:80`, flags: 'A' }), rs1),
      forwards(toPort(80, '10.0.0.9:40001'), rs2),
    ],
    leaves: [
      'mark:1 conns=1 packets=2 bytes=80',
      `${rs1}:0 active=1 inactive=0 conns=1 packets=2 bytes=80`,
      'mark:2 conns=1 packets=1 bytes=40',
      `${rs2}:0 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      '10.0.0.10:40001 ESTABLISHED 10.0.0.11:80',
      '10.0.0.9:40001 SYN_RECV 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'TCP and UDP with the same mark are the same service',
    given: [byMark],
    steps: [
      marked(1, [80]),
      marked(1, [80], { protocol: 'udp' }),
      forwards(toPort(80), rs2),
      forwards(datagram, rs1),
    ],
    leaves: [
      'mark:1 conns=2 packets=2 bytes=68',
      `${rs2}:0 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      `${rs1}:0 active=0 inactive=1 conns=1 packets=1 bytes=28`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:80',
      '10.0.0.10:40001 UDP 10.0.0.11:80',
    ],
  },
  {
    behaviour: 'a VIP that is on no interface of this host is directed by its mark',
    given: [byMark],
    steps: [
      marked(1, [80], { target: { address: '192.0.2.0' as Address, length: 24 } }),
      forwards(tcp({ from: client, to: '192.0.2.7:80', flags: 'S' }), rs2),
    ],
    leaves: [
      'mark:1 conns=1 packets=1 bytes=40',
      `${rs2}:0 active=1 inactive=0 conns=1 packets=1 bytes=40`,
      idle(rs1),
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:80',
    ],
  },
  {
    behaviour: 'persistence keeps a client with its real server on all ports of the mark',
    given: [{ ...byMark, persistent: 50 }],
    steps: [
      marked(1, [80, 443]),
      forwards(toPort(80), rs2),
      forwards(toPort(443), rs2),
      forwards(toPort(443, '10.0.0.9:40001'), rs1),
    ],
    leaves: [
      'mark:1 conns=3 packets=3 bytes=120',
      `${rs2}:0 active=2 inactive=0 persistent=1 conns=2 packets=2 bytes=80`,
      `${rs1}:0 active=1 inactive=0 persistent=1 conns=1 packets=1 bytes=40`,
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:443',
      '10.0.0.10:40001 SYN_RECV 10.0.0.12:80',
      '10.0.0.9:40001 SYN_RECV 10.0.0.11:443',
      'template 10.0.0.10 > 0.0.0.1:0 NONE 10.0.0.12:0',
      'template 10.0.0.9 > 0.0.0.1:0 NONE 10.0.0.11:0',
    ],
  },
  {
    behaviour: 'the same mark of IPv6 is another service',
    given: [byMark, { service: 'mark6:1', servers: { 'fd00::b': 1 } }],
    steps: [
      marked(1, [80]),
      marked(1, [80], { family: 6, target: { address: vip6 as Address, length: 128 } }),
      forwards(tcp({ from: '[fd00::a]:40001', to: `[${vip6}]:80`, flags: 'S' }), 'fd00::b'),
    ],
    leaves: [
      'mark:1 conns=0 packets=0 bytes=0',
      idle(rs2),
      idle(rs1),
      'mark6:1 conns=1 packets=1 bytes=60',
      '[fd00::b]:0 active=1 inactive=0 conns=1 packets=1 bytes=60',
      '[fd00::a]:40001 SYN_RECV [fd00::b]:80',
    ],
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
