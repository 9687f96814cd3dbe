/** What real servers and clients find about themselves. */

import { describe, expect, it } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import type { TcpSocket } from '../../linux/tcp-sockets.ts';
import { judge } from '../findings.ts';
import { eth0, held, macOf, own, realServer, rips, routeTo, vip } from '../view.fixture.ts';
import type { View } from '../view.ts';

const [rs1] = rips;
const client = '10.0.0.250' as Address;

/** Each finding with its host, where that is another one. */
function found(view: View): readonly string[] {
  return judge(view).map(({ code, host }) => [code, host.address ?? host.mac].filter(Boolean).join(' '));
}

const setting = (values: Readonly<Record<string, string>>) => (name: string) => values[name];

it('nothing is found on a real server that is as it should be', () => {
  expect(found(realServer())).toEqual([]);
});

describe('on a real server', () => {
  const lo = (...addresses: readonly ReturnType<typeof held>[]) => ({
    ...eth0(...addresses),
    name: 'lo',
    mac: undefined,
  });
  const quiet = { 'net.ipv4.conf.all.arp_ignore': '1', 'net.ipv4.conf.all.arp_announce': '2' };
  const socket: TcpSocket = {
    ...{ state: 'SYN_RECV', unacknowledged: 0, retransmissions: 2, timerSeconds: 1 },
    local: { address: vip, port: 80 },
    peer: { address: client, port: 1000 },
  };
  const gateway = '10.0.0.254' as Address;
  const routes = new Map([routeTo(client, { gateway })]);

  it.each([
    ['vip-missing', realServer({}, { interfaces: [lo(), eth0(held(rs1, 24))] })],
    ['vip-prefix-too-short', realServer({}, { interfaces: [lo(held(vip, 24)), eth0(held(rs1, 24))] })],
    [
      'address-answered-by-real-server',
      realServer({}, { setting: setting({ ...quiet, 'net.ipv4.conf.all.arp_ignore': '0' }) }),
    ],
    [
      'address-answered-by-real-server',
      realServer({}, { interfaces: [lo(), eth0(held(rs1, 24), held(vip, 32))] }),
    ],
    [
      'address-claimed-by-real-server',
      realServer({}, { setting: setting({ ...quiet, 'net.ipv4.conf.all.arp_announce': '1' }) }),
    ],
    ['service-refused', realServer({ services: [{ protocol: 'tcp', vip, port: 81 }] })],
    [
      'reverse-path-filter',
      realServer(
        { reversePathDrops: 3 },
        {
          interfaces: [
            lo(held(vip, 32)),
            eth0(held(rs1, 24)),
            { ...eth0(held('10.1.0.11' as Address, 24)), name: 'eth1' },
          ],
          setting: setting({ ...quiet, 'net.ipv4.conf.eth1.rp_filter': '1' }),
        },
      ),
    ],
    [
      'reverse-path-filter',
      realServer(
        {},
        {
          interfaces: [
            lo(held(vip, 32)),
            eth0(held(rs1, 24)),
            { ...eth0(), name: 'tunl0', kind: 'ipip', mac: undefined },
          ],
          setting: setting({ ...quiet, 'net.ipv4.conf.all.rp_filter': '1' }),
        },
      ),
    ],
    ['path-mtu', realServer({ sockets: [{ ...socket, state: 'ESTABLISHED', unacknowledged: 9000 }] })],
    [`answers-lost ${gateway}`, realServer({ sockets: [socket] }, { routes })],
    [
      'answers-through-director',
      realServer(
        {
          holders: new Map([
            [gateway, [macOf(own)]],
            [vip, [macOf(own)]],
          ]),
        },
        { routes },
      ),
    ],
  ] as const)('%s', (code, view) => {
    expect(found(view)).toEqual([code]);
  });

  it('in IPv6 it is quiet about what is on lo, and not about what is on the wire', () => {
    const vip6 = 'fd00::100' as Address;
    const [quiet, loud] = [lo(held(vip6, 128)), eth0(held('fd00::11' as Address, 64), held(vip6, 128))];
    expect(found(realServer({ vips: [vip6] }, { interfaces: [quiet, eth0(held(rs1, 24))] }))).toEqual([]);
    expect(found(realServer({ vips: [vip6] }, { interfaces: [lo(), loud] }))).toEqual([
      'address-answered-by-real-server',
    ]);
  });

  it('rules or programs that isolate it make up for the switches', () => {
    const view = realServer(
      { isolated: new Set([vip]) },
      { setting: () => '0', interfaces: [lo(), eth0(held(rs1, 24), held(vip, 32))] },
    );
    expect(found(view)).toEqual([]);
  });

  it('a handshake that waits is nothing where a later one has been completed', () => {
    const completed = { ...socket, state: 'TIME_WAIT', retransmissions: 0, timerSeconds: 59 };
    expect(found(realServer({ sockets: [socket, completed] }, { routes }))).toEqual([]);
    expect(
      found(realServer({ sockets: [socket, { ...completed, timerSeconds: 10 }] }, { routes })),
    ).toHaveLength(1);
  });
});

describe('on a client', () => {
  const entry = (mac: string) => [{ address: vip, interface: 'eth0', mac, state: 'REACHABLE' }];
  const view = (macs: readonly string[], more: Partial<View['host']> = {}): View => ({
    ...{ kind: 'client', vips: [vip], isNamed: true, holders: new Map([[vip, macs]]) },
    host: {
      interfaces: [],
      neighbours: entry(macOf(own)),
      routes: new Map(),
      setting: () => undefined,
      ...more,
    },
  });

  it.each([
    ['several-answerers', view([macOf(own), macOf(rs1)])],
    ['entry-outdated', view([macOf(rs1)])],
    [
      'route-redirected',
      view([macOf(own)], { routes: new Map([routeTo(vip, { isRedirected: true, gateway: rs1 })]) }),
    ],
    [
      'client-holds-vip',
      { ...view([], { routes: new Map([routeTo(vip, { type: 'local' })]) }), holders: new Map() },
    ],
    ['vip-not-here', view([])],
  ] as const)('%s', (code, client) => {
    expect(judge(client).map((finding) => finding.code)).toEqual([code]);
  });

  it('one answer that is the entry is well', () => {
    expect(found(view([macOf(own)]))).toEqual([]);
  });

  it('a neighbour that nobody calls virtual may be silent', () => {
    expect(found({ ...view([]), isNamed: false } as View)).toEqual([]);
  });
});
