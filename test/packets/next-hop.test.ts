/** Where a packet goes to reach a real server: MACs, routers, other interfaces, and nowhere. */

import { describe, expect } from 'vitest';
import { arrange, oneServer } from '../support/arrange.ts';
import { type Case, drops, forwards, meanwhile, passes, play, rows } from '../support/case.ts';
import { between, directorMac, oneHopFurther, tcp } from '../support/packet.ts';
import { hooks } from '../support/passage.ts';
import { send } from '../support/send.ts';
import { tally } from '../support/tally.ts';
import { test } from '../support/test.ts';
import { serverMacs, vip } from '../support/wire.ts';

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
const ip = (words: string) => meanwhile((bench) => bench.ip(words));

const cases: readonly Case[] = [
  {
    behaviour: "a real server behind a router is reached by the router's MAC",
    given: elsewhere('10.1.0.11'),
    steps: [
      ip('route add 10.1.0.0/24 via 10.0.0.14'),
      forwards(syn, '10.1.0.11', { via: '10.0.0.14' }),
      forwards(ack, '10.1.0.11', { via: '10.0.0.14' }),
      ip('route del 10.1.0.0/24'),
    ],
    leaves: forwarded('10.1.0.11', 2),
  },
  {
    behaviour: "a real server whose MAC is not known yet is TC's, where the kernel asks for it",
    given: elsewhere('10.0.0.20'),
    steps: [forwards(syn, '10.0.0.20', { by: 'tc' }), forwards(ack, '10.0.0.20', { by: 'tc' })],
    leaves: forwarded('10.0.0.20', 2),
  },
  {
    behaviour: 'a packet for a real server that is unreachable by route is dropped, counted as IPVS does',
    given: elsewhere('198.51.100.11'),
    steps: [
      ip('route add unreachable 198.51.100.0/24'),
      drops(syn, 'no_route'),
      drops(ack, 'no_route'),
      ip('route del unreachable 198.51.100.0/24'),
    ],
    leaves: [...forwarded('198.51.100.11', 2), 'no_route=2'],
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
    steps: [passes(syn)],
    leaves: forwarded('203.0.113.11', 1, 'SYN_RECV'),
  },
];

describe.for(hooks)('with %s in front', (hook) => {
  test.for(rows(cases))('%s', ([, row], { bench }) => play(bench, hook, row));
});

describe('in XDP', () => {
  test('the first packet to a real server goes up to TC, so that the kernel uses its neighbour entry', ({
    bench,
  }) => {
    arrange(bench, oneServer);
    const before = tally(bench);
    expect(bench.run('xdp', syn)).toEqual({ fate: 'stack', packet: syn });
    // The entry is there, for TC to find; the packet is TC's to count.
    expect(tally(bench)).toEqual([
      before[0]?.replace('conns=0', 'conns=1'),
      before[1]?.replace('active=0', 'active=1').replace('conns=0', 'conns=1'),
      '10.0.0.10:40001 SYN_RECV 10.0.0.11:80',
    ]);
    expect(bench.run('tc', syn)).toEqual({ fate: 'forwarded', packet: oneHopFurther(syn) });
    expect(tally(bench)).toEqual(forwarded(rs1, 1, 'SYN_RECV'));
    expect(send(bench, 'xdp', ack).by).toBe('xdp');
  });

  test('about one packet a second goes up to TC, whatever the load', ({ bench }) => {
    arrange(bench, oneServer);
    send(bench, 'xdp', syn);
    const fates: string[] = [];
    const until = performance.now() + 2_500;
    while (performance.now() < until) fates.push(bench.run('xdp', ack).fate);
    const passed = fates.filter((fate) => fate === 'stack').length;
    expect(fates.length).toBeGreaterThan(1_000);
    // Seconds of 2^30 ns: two or three begin in 2.5 s.
    expect(passed).toBeGreaterThanOrEqual(2);
    expect(passed).toBeLessThanOrEqual(3);
  });

  test('a neighbour that changes its MAC is followed within a second', async ({ bench }) => {
    arrange(bench, oneServer);
    expect(send(bench, 'xdp', syn).packet).toEqual(
      between(oneHopFurther(syn), directorMac, serverMacs[rs1] ?? ''),
    );
    const newMac = '02:00:00:00:00:1b';
    bench.ip(`neigh replace ${rs1} lladdr ${newMac} dev eth0 nud permanent`);
    try {
      await expect
        .poll(
          () =>
            Buffer.from(send(bench, 'xdp', ack).packet)
              .subarray(0, 6)
              .toString('hex'),
          {
            timeout: 1_500,
            interval: 50,
          },
        )
        .toBe(newMac.replaceAll(':', ''));
    } finally {
      bench.ip(`neigh replace ${rs1} lladdr ${serverMacs[rs1]} dev eth0 nud permanent`);
    }
  });

  test("a real server on an interface without XDP is TC's, and on one with XDP is redirected there", ({
    bench,
  }) => {
    const server = '10.2.0.11';
    const mac = '02:00:00:00:02:0b';
    bench.ip('link add eth1 address 02:00:00:00:02:02 type veth peer name eth1-peer');
    try {
      for (const device of ['eth1-peer', 'eth1']) bench.ip(`link set ${device} up`);
      bench.ip('address add 10.2.0.2/24 dev eth1');
      bench.ip(`neigh add ${server} lladdr ${mac} dev eth1 nud permanent`);
      bench.inside(() => bench.plane.refreshInterfaces());
      arrange(bench, { ...oneServer, servers: { [server]: 1 } });
      expect(send(bench, 'xdp', syn)).toEqual({ fate: 'forwarded', by: 'tc', packet: oneHopFurther(syn) });

      bench.inside(() => bench.plane.setHookMode('eth1', 'xdp'));
      const packet = between(oneHopFurther(ack), '02:00:00:00:02:02', mac);
      expect(send(bench, 'xdp', ack)).toEqual({ fate: 'redirected', by: 'xdp', packet });
      expect(tally(bench)).toEqual(forwarded(server, 2));
    } finally {
      bench.ip('link del eth1');
      bench.inside(() => bench.plane.refreshInterfaces());
    }
  });
});
