/**
 * nat_icmp_send: what a masqueraded real server sends from the port that it serves, of no connection. Each case was
 * asked of real IPVS (Linux 6.1), but for what leaves this host.
 */

import { describe, expect } from 'vitest';
import { type Arrangement, editServer, removeServer, translated, web } from '../support/arrange.ts';
import { type Case, meanwhile, play, rows, type Step } from '../support/case.ts';
import { fragments, icmp, icmpError, oneHopFurther, sctp, tcp, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { macOfInterface, vip, vip6 } from '../support/world.ts';

const server = '10.1.0.27';
const server6 = 'fd01::1b';
const device = 'eth1';
const toMac = macOfInterface(device);
const ends = { from: `${server}:8080`, to: '10.0.0.200:40001', toMac };
const answer = tcp({ ...ends, flags: 'SA' });
const datagram = udp({ ...ends, from: `${server}:53`, payload: 64, tos: 2 });

const given: readonly Arrangement[] = [
  { service: web, servers: { [`${server}:8080`]: translated, '10.0.0.11': 1 } },
];
const dns: Arrangement = { service: 'udp:10.0.0.100:53', servers: { [`${server}:53`]: translated } };
const byMark: Arrangement = { service: 'mark:7', servers: { '10.1.0.28:81': translated } };
const untouched = [
  'tcp:10.0.0.100:80 conns=0 packets=0 bytes=0',
  '10.0.0.11:80 active=0 inactive=0 conns=0 packets=0 bytes=0',
  `${server}:8080 active=0 inactive=0 conns=0 packets=0 bytes=0`,
];

const switched: Step = ({ plane }) => plane.setSysctls({ ...plane.sysctls(), nat_icmp_send: 1 });

/** A port unreachable goes back, about the packet as it is `quoted`, from this address of the director's. */
function refused(frame: Uint8Array, from: string, quoted = oneHopFurther(frame)): Step {
  return (player) => {
    const seen = player.receive(frame, device);
    const id = Buffer.from(seen.packet).readUInt16BE(18);
    expect(seen).toEqual({ fate: 'forwarded', by: 'tc', packet: icmpError(quoted, 3, 3, id, from) });
  };
}

/** Out of the same interface to its neighbours: TC leaves it to the stack, which routes it. */
const goesOn = (frame: Uint8Array): Step => {
  return (player) =>
    expect(player.receive(frame, device)).toEqual({ fate: 'stack', by: 'tc', packet: frame });
};

const cases: readonly Case[] = [
  {
    behaviour: 'without nat_icmp_send, it goes its way untranslated',
    given,
    steps: [goesOn(answer)],
    leaves: untouched,
  },
  {
    behaviour: 'it is refused, from the address of the interface towards the real server, one hop older',
    given,
    steps: [
      switched,
      refused(answer, '10.1.0.2'),
      refused(tcp({ ...ends, flags: 'PA', payload: 900, tos: 184 }), '10.1.0.2'),
    ],
    leaves: [...untouched, 'stray_reply=2'],
  },
  {
    behaviour:
      'but not a RST, which says the same, nor what comes from another port, by another protocol or another method',
    given,
    steps: [
      switched,
      ...['R', 'RA'].map((flags) => goesOn(tcp({ ...ends, flags }))),
      goesOn(tcp({ ...ends, from: `${server}:8081`, flags: 'A' })),
      goesOn(udp(ends)),
      goesOn(tcp({ ...ends, from: '10.0.0.11:80', flags: 'A' })),
    ],
    leaves: untouched,
  },
  {
    behaviour: 'an ICMP error of the real server goes on',
    given,
    steps: [
      switched,
      goesOn(
        icmp({
          toMac,
          from: server,
          to: '10.0.0.200',
          type: 3,
          code: 3,
          about: { kind: 'tcp', from: ends.to, to: ends.from, flags: 'A' },
        }),
      ),
    ],
    leaves: untouched,
  },
  {
    behaviour: 'of SCTP, all but a packet whose first chunk is an ABORT',
    given: [{ service: 'sctp:10.0.0.100:80', servers: { [`${server}:8080`]: translated } }],
    steps: [
      switched,
      refused(sctp({ ...ends, chunks: ['DATA'] }), '10.1.0.2'),
      refused(sctp({ ...ends, chunks: ['COOKIE-ECHO', 'ABORT'] }), '10.1.0.2'),
      goesOn(sctp({ ...ends, chunks: ['ABORT'] })),
    ],
    leaves: [
      'sctp:10.0.0.100:80 conns=0 packets=0 bytes=0',
      `${server}:8080 active=0 inactive=0 conns=0 packets=0 bytes=0`,
      'stray_reply=2',
    ],
  },
  {
    behaviour: 'of a service by mark, by any protocol',
    given: [byMark],
    steps: [
      switched,
      refused(tcp({ ...ends, from: '10.1.0.28:81', flags: 'A' }), '10.1.0.2'),
      refused(udp({ ...ends, from: '10.1.0.28:81' }), '10.1.0.2'),
    ],
    leaves: [
      'mark:7 conns=0 packets=0 bytes=0',
      '10.1.0.28:81 active=0 inactive=0 conns=0 packets=0 bytes=0',
      'stray_reply=2',
    ],
  },
  {
    behaviour: 'to this host itself, from the address it was for, and no hop older',
    given,
    steps: [
      switched,
      ...['10.0.0.2:4000', `${vip}:80`, `${vip}:7`]
        .map((to) => tcp({ ...ends, to, flags: 'S', ttl: 1 }))
        .map((frame) => refused(frame, to(frame), frame)),
    ],
    leaves: [...untouched, 'stray_reply=3'],
  },
  {
    behaviour: 'what has no hop left, or is too big for the way, is refused by the stack',
    given,
    steps: [
      switched,
      goesOn(tcp({ ...ends, flags: 'A', ttl: 1 })),
      goesOn(tcp({ ...ends, to: '10.3.0.9:40001', flags: 'A', payload: 1400, fragment: 0x4000 })),
      refused(tcp({ ...ends, flags: 'A', ttl: 2 }), '10.1.0.2'),
      refused(tcp({ ...ends, to: '10.3.0.9:40001', flags: 'A', payload: 1400 }), '10.1.0.2'),
    ],
    leaves: [...untouched, 'stray_reply=2'],
  },
  {
    behaviour: 'the fragments behind a first one that was refused are gone',
    given: [dns],
    steps: [
      switched,
      ...fragments(datagram, 32).map(
        (part, index): Step =>
          index === 0
            ? refused(part, '10.1.0.2')
            : (player) => expect(player.receive(part, device).fate).toBe('dropped'),
      ),
    ],
    leaves: [
      'udp:10.0.0.100:53 conns=0 packets=0 bytes=0',
      `${server}:53 active=0 inactive=0 conns=0 packets=0 bytes=0`,
      'stray_reply=3',
    ],
  },
  {
    behaviour: 'whatever the weight, and no longer once the real server is deleted',
    given: given.map((each) => ({ ...each, servers: { [`${server}:8080`]: translated } })),
    steps: [
      switched,
      meanwhile((player) => editServer(player, web, `${server}:8080`, { method: 'masq', weight: 0 })),
      refused(answer, '10.1.0.2'),
      meanwhile((player) => removeServer(player, web, `${server}:8080`)),
      goesOn(answer),
    ],
    leaves: ['tcp:10.0.0.100:80 conns=0 packets=0 bytes=0', 'stray_reply=1'],
  },
  {
    behaviour: 'over IPv6, from the interface towards the real server',
    given: [{ service: `tcp:[${vip6}]:80`, servers: { [`[${server6}]:8080`]: translated } }],
    steps: [
      switched,
      (player) => {
        const about = {
          kind: 'tcp',
          from: `[${server6}]:8080`,
          to: '[fd00::c8]:40001',
          flags: 'SA',
          toMac,
        } as const;
        const { packet } = player.receive(tcp(about), device);
        const wanted = icmp({ from: 'fd01::2', to: server6, type: 1, code: 4, about: { ...about, ttl: 63 } });
        expect(Buffer.from(packet.slice(14)).toString('hex')).toBe(
          Buffer.from(wanted.slice(14)).toString('hex'),
        );
      },
      goesOn(tcp({ from: `[${server6}]:8080`, to: '[fd00::c8]:40001', flags: 'R', toMac })),
    ],
    leaves: [
      `tcp:[${vip6}]:80 conns=0 packets=0 bytes=0`,
      `[${server6}]:8080 active=0 inactive=0 conns=0 packets=0 bytes=0`,
      'stray_reply=1',
    ],
  },
  {
    behaviour: 'of this host as a real server, it does not leave',
    given: [{ service: web, servers: { '10.0.0.2:8080': translated } }],
    steps: [
      switched,
      ({ leave }) => {
        const frame = tcp({ from: '10.0.0.2:8080', to: '10.0.0.200:40001', flags: 'SA' });
        expect(leave(frame).fate).toBe('dropped');
        const reset = tcp({ from: '10.0.0.2:8080', to: '10.0.0.200:40001', flags: 'RA' });
        expect(leave(reset)).toEqual({ fate: 'stack', by: 'tc', packet: reset });
      },
    ],
    leaves: [
      'tcp:10.0.0.100:80 conns=0 packets=0 bytes=0',
      '10.0.0.2:8080 active=0 inactive=0 conns=0 packets=0 bytes=0',
      'stray_reply=1',
    ],
  },
];

function to(frame: Uint8Array): string {
  return [...frame.slice(30, 34)].join('.');
}

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});
