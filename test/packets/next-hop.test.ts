/** Where a packet goes to reach a real server: MACs, routers, other interfaces, and nowhere. */

import { describe, expect } from 'vitest';
import { arrange, oneServer } from '../support/arrange.ts';
import { type Case, forwards, meanwhile, passes, play, refuses, rows } from '../support/case.ts';
import { directorMac } from '../support/frame/build.ts';
import { between, oneHopFurther, tcp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { tally } from '../support/tally.ts';
import { test } from '../support/test.ts';
import { macOfInterface, macs, vip } from '../support/world.ts';

const rs1 = '10.0.0.11';
const ends = { from: '10.0.0.10:40001', to: `${vip}:80` };
const syn = tcp({ ...ends, flags: 'S' });
const ack = tcp({ ...ends, flags: 'A' });

/** A service whose only real server is somewhere else. */
const elsewhere = (address: string) => [{ ...oneServer, servers: { [address]: 1 } }];
const forwarded = (address: string, packets: number, state = 'ESTABLISHED') => [
  `tcp:10.0.0.100:80 conns=1 packets=${packets} bytes=${packets * 40}`,
  `${address}:80 active=1 inactive=0 conns=1 packets=${packets} bytes=${packets * 40}`,
  `10.0.0.10:40001 ${state} ${address}:80`,
];
const ip = (words: string) => meanwhile((player) => player.ip(words));

const cases: readonly Case[] = [
  {
    behaviour: "a real server behind a router is reached by the router's MAC, on the router's interface",
    given: elsewhere('10.2.0.11'),
    steps: [
      forwards(syn, '10.2.0.11', { via: '10.1.0.17' }),
      forwards(ack, '10.2.0.11', { via: '10.1.0.17' }),
    ],
    leaves: forwarded('10.2.0.11', 2),
  },
  {
    behaviour: "a real server whose MAC is not known yet is TC's, where the kernel asks for it",
    given: elsewhere('10.0.0.20'),
    steps: [forwards(syn, '10.0.0.20', { by: 'tc' }), forwards(ack, '10.0.0.20', { by: 'tc' })],
    leaves: forwarded('10.0.0.20', 2),
  },
  {
    behaviour: 'a packet for a real server that is unreachable by route is refused, counted as IPVS does',
    given: elsewhere('198.18.0.11'),
    steps: [refuses(syn, 'no_route'), refuses(ack, 'no_route')],
    leaves: [
      'tcp:10.0.0.100:80 conns=1 packets=2 bytes=80 out=2/136',
      '198.18.0.11:80 active=1 inactive=0 conns=1 packets=2 bytes=80 out=2/136',
      '10.0.0.10:40001 ESTABLISHED 198.18.0.11:80',
      'no_route=2',
    ],
  },
  {
    behaviour: 'a packet for a real server that is this host is left to the stack, and counted',
    given: elsewhere('10.0.0.2'),
    steps: [passes(syn), passes(ack)],
    leaves: forwarded('10.0.0.2', 2),
  },
  {
    behaviour: 'TTL 1 is enough for a real server that is this host',
    given: elsewhere('10.0.0.2'),
    steps: [passes(tcp({ ...ends, flags: 'S', ttl: 1 }))],
    leaves: forwarded('10.0.0.2', 1, 'SYN_RECV'),
  },
  {
    // bpf_fib_lookup() gives the same answer for "this host" and for "no route at all".
    behaviour: 'a real server that no route leads to, not even a default one, is taken for this host',
    given: elsewhere('203.0.113.11'),
    steps: [ip('route del default'), passes(syn), ip('route add default via 10.0.0.1')],
    leaves: forwarded('203.0.113.11', 1, 'SYN_RECV'),
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { players }) => play(players[hook], row));
});

describe('in XDP', () => {
  /** So long, and every second of the programs' (2^30 ns) is another one. */
  const aSecond = 1_100;

  test('the first packet to a real server goes up to TC, so that the kernel uses its neighbour entry', ({
    bench,
    players: { xdp },
  }) => {
    arrange(xdp, oneServer);
    expect(bench.run('xdp', syn)).toEqual({ fate: 'stack', packet: syn });
    // The entry is made; the packet is TC's, which counts it and moves the state.
    expect(tally(xdp)).toEqual([
      'tcp:10.0.0.100:80 conns=1 packets=0 bytes=0',
      '10.0.0.11:80 active=0 inactive=1 conns=1 packets=0 bytes=0',
      '10.0.0.10:40001 NONE 10.0.0.11:80',
    ]);
    expect(bench.run('tc', syn)).toEqual({ fate: 'forwarded', packet: oneHopFurther(syn) });
    expect(tally(xdp)).toEqual(forwarded(rs1, 1, 'SYN_RECV'));
    expect(xdp.receive(ack).by).toBe('xdp');
  });

  test('one packet a second goes up to TC, whatever the load', ({ bench, players: { xdp } }) => {
    arrange(xdp, oneServer);
    xdp.receive(syn);
    const fates: string[] = [];
    for (let packets = 0; packets < 1000; packets++) {
      xdp.advance(10);
      fates.push(bench.run('xdp', ack).fate);
    }
    const passed = fates.filter((fate) => fate === 'stack').length;
    expect([9, 10]).toContain(passed);
  });

  test('a neighbour that changes its MAC is followed within a second', ({ players: { xdp } }) => {
    arrange(xdp, oneServer);
    expect(xdp.receive(syn).packet).toEqual(between(oneHopFurther(syn), directorMac, macs[rs1] ?? ''));
    const newMac = '02:00:00:00:00:5b';
    xdp.ip(`neigh replace ${rs1} lladdr ${newMac} dev eth0 nud permanent`);
    try {
      xdp.advance(aSecond);
      expect(xdp.receive(ack).packet).toEqual(between(oneHopFurther(ack), directorMac, newMac));
    } finally {
      xdp.ip(`neigh replace ${rs1} lladdr ${macs[rs1]} dev eth0 nud permanent`);
    }
  });

  test("a real server on an interface without XDP is TC's, and on one with XDP is redirected there", ({
    bench,
    players: { xdp },
  }) => {
    const server = '10.1.0.27';
    arrange(xdp, { ...oneServer, servers: { [server]: 1 } });
    bench.setHookMode('eth1', 'tc');
    try {
      expect(xdp.receive(syn)).toEqual({ fate: 'forwarded', by: 'tc', packet: oneHopFurther(syn) });
    } finally {
      bench.setHookMode('eth1', 'xdp');
    }
    const packet = between(oneHopFurther(ack), macOfInterface('eth1'), macs[server] ?? '');
    expect(xdp.receive(ack)).toEqual({ fate: 'forwarded', by: 'xdp', packet });
    expect(tally(xdp)).toEqual(forwarded(server, 2));
  });
});
