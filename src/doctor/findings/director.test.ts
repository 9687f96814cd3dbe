/** What a director must see for each finding to be made, and for none. */

import { describe, expect, it } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { judge } from '../findings.ts';
import type { Opening } from '../probes/openings.ts';
import {
  asked,
  connection,
  destination,
  director,
  eth0,
  held,
  macOf,
  own,
  rips,
  routeTo,
  service,
  vip,
} from '../view.fixture.ts';
import type { View } from '../view.ts';

const [rs1, rs2] = rips;
const client = '10.0.0.250' as Address;

/** Each finding with its host: `vip-missing 10.0.0.11`. */
function found(view: View): readonly string[] {
  return judge(view).map(({ code, host }) => [code, host.address ?? host.mac].filter(Boolean).join(' '));
}

const opening = (clientPort: number, more: Partial<Opening> = {}): Opening => ({
  ...{ mac: macOf(client), client, clientPort, vip, port: 80, sequence: clientPort },
  ...more,
});
const setting = (values: Readonly<Record<string, string>>) => (name: string) => values[name];
const unlike = (...interfaces: readonly ReturnType<typeof eth0>[]) => director({}, {}, { interfaces });

it('nothing is found where nothing is wrong', () => {
  expect(found(director())).toEqual([]);
});

describe('on the director itself', () => {
  const lo = (...addresses: readonly ReturnType<typeof held>[]) => ({
    ...eth0(...addresses),
    name: 'lo',
    mac: undefined,
  });

  it.each([
    ['vip-not-here', unlike(eth0(held(own, 24)))],
    [
      'vip-silent',
      director(
        {},
        {},
        { interfaces: [eth0(held(own, 24)), { ...eth0(held(vip, 32)), name: 'eth1', isUp: false }] },
      ),
    ],
    [
      'vip-silent',
      director(
        {},
        {},
        {
          interfaces: [lo(held(vip, 32)), eth0(held(own, 24))],
          setting: setting({ 'net.ipv4.conf.all.arp_ignore': '1' }),
        },
      ),
    ],
    ['vip-duplicate', unlike(eth0(held(own, 24), held(vip, 32, { isDuplicate: true, isTentative: true })))],
    ['director-asks-as-vip', unlike(eth0(held(vip, 24), held(own, 24, { isSecondary: true })))],
    [
      'hook-forced',
      director(
        {},
        { interfaces: [{ index: 2, name: 'eth0', mode: 'xdp', hooks: ['tc', 'xdp'] }] },
        { interfaces: [{ ...eth0(held(own, 24), held(vip, 32)), kind: 'veth' }] },
      ),
    ],
    ['hook-missing', director({}, { interfaces: [{ index: 2, name: 'eth0', mode: 'off', hooks: [] }] })],
    ['jit-off', director({}, {}, { setting: setting({ 'net.core.bpf_jit_enable': '0' }) })],
    ['lro-on', director({ merging: new Set(['eth0']) })],
    ['no-real-server', director({ probes: [] }, { services: [{ ...service, destinations: [] }] })],
  ] as const)('%s', (code, view) => {
    expect(found(view)).toEqual([code]);
  });

  it('a virtual address on lo is answered for, as long as arp_ignore allows it', () => {
    expect(found(unlike(lo(held(vip, 32)), eth0(held(own, 24))))).toEqual([]);
  });

  it('a director that stands by is well, and so is forced XDP on hardware', () => {
    const standby = director(
      { answerers: [{ vip, interface: 'eth0', macs: ['02:00:0a:00:00:02'] }] },
      {},
      { interfaces: [eth0(held(own, 24))] },
    );
    expect(found(standby)).toEqual([]);
    expect(
      found(director({}, { interfaces: [{ index: 2, name: 'eth0', mode: 'xdp', hooks: ['tc', 'xdp'] }] })),
    ).toEqual([]);
  });

  it('vip-as-source: only an IPv6 address that real servers hold, too', () => {
    const vip6 = 'fd00::100' as Address;
    const rip6 = 'fd00::11' as Address;
    const services = [{ ...service, address: vip6, destinations: [destination(rip6)] }];
    const routes = new Map([routeTo(rip6, { source: vip6 })]);
    const interfaces = [eth0(held('fd00::1' as Address, 64), held(vip6, 128))];
    const probes = [{ ...asked(rip6), destination: destination(rip6) }];
    expect(found(director({ probes, answerers: [] }, { services }, { interfaces, routes }))).toEqual([
      'vip-as-source',
    ]);
  });
});

describe('of real servers, from the director', () => {
  const first = (answers: Parameters<typeof asked>[1], more: Parameters<typeof asked>[2] = {}) =>
    director({ probes: [asked(rs1, answers, more), asked(rs2)] });
  const silent = { virtual: 'silent', virtualPing: false, askedAs: undefined } as const;

  it.each([
    ['vip-missing', first(silent)],
    ['service-refused', first({ virtual: 'closed' })],
    ['service-filtered', first({ virtual: 'silent' })],
    ['answers-lost', first({ virtual: 'silent', virtualPing: false })],
    ['real-server-mute', first({ ...silent, own: 'silent', ownPing: false, ipv6Ping: false })],
    ['vip-prefix-too-short', first({ ...silent, own: 'silent', ownPing: false })],
    ['answers-through-director', first({ answersThroughUs: true })],
    ['real-server-behind-gateway', first(silent, { gateway: '10.0.0.254' as Address })],
    ['directors-in-a-loop', first({}, { sendsOn: true })],
  ] as const)('%s', (code, view) => {
    expect(found(view)).toEqual([`${code} ${rs1}`]);
  });

  it('one that is out of rotation may be whatever it is', () => {
    const quiet = { ...asked(rs1, silent), destination: destination(rs1, { weight: 0 }) };
    expect(found(director({ probes: [quiet, asked(rs2)] }))).toEqual([]);
  });

  it('the same of two services is one finding that names both', () => {
    const other = { ...service, port: 443 as typeof service.port };
    const probes = [asked(rs1, silent), { ...asked(rs1, silent), service: other }];
    expect(judge(director({ probes }))).toMatchObject([
      { code: 'vip-missing', services: ['tcp:10.0.0.100:80', 'tcp:10.0.0.100:443'] },
    ]);
  });

  it('a director that passes such answers on is a gateway like any other', () => {
    const passing = setting({ 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.all.accept_local': '1' });
    const probes = [asked(rs1, { answersThroughUs: true })];
    expect(found(director({ probes }, {}, { setting: passing }))).toEqual([]);
  });

  it('answers-lost: it answers the director, and no client has completed a handshake', () => {
    const connections = Array.from({ length: 6 }, (_, at) => connection(1000 + at, 'SYN_RECV', rs1));
    expect(found(director({}, { connections }))).toEqual([`answers-lost ${rs1}`]);
    expect(judge(director({}, { connections }))[0]?.evidence[1]).toMatch(
      /count until a client has been served, or for \d+ s$/,
    );
    expect(found(director({}, { connections: [...connections, connection(2000, 'FIN_WAIT', rs1)] }))).toEqual(
      [],
    );
  });

  it('answers-past-director: translated, and nothing comes back', () => {
    const counters = { connections: 3, inPackets: 9, outPackets: 0, inBytes: 1, outBytes: 0 };
    const probe = asked(rs1, {}, { target: { ...targetOf(), isTranslated: true } });
    const masq = { ...probe, destination: destination(rs1, { method: 'masq', counters }) };
    expect(found(director({ probes: [masq] }))).toEqual([`answers-past-director ${rs1}`]);
  });
});

function targetOf() {
  const { reach } = asked(rs1);
  if (reach.kind !== 'asked') throw new Error('it is');
  return reach.target;
}

describe('of ARP', () => {
  const claim = {
    vip,
    mac: macOf(rs1),
    interface: 'eth0',
    kinds: ['question'],
    count: 3,
    firstSecondsAgo: 9,
    lastSecondsAgo: 2,
  } as const;
  const mute = [asked(rs1, { askedAs: undefined }), asked(rs2)];

  it.each([
    [
      'address-answered-by-real-server',
      director({ answerers: [{ vip, interface: 'eth0', macs: [macOf(rs1)] }] }),
    ],
    ['address-claimed-by-real-server', director({ probes: [asked(rs1, { askedAs: vip }), asked(rs2)] })],
    ['address-claimed-by-real-server', director({ probes: mute }, { claims: [claim] })],
  ] as const)('%s', (code, view) => {
    expect(found(view)).toEqual([`${code} ${rs1}`]);
  });

  it('a claim is of the past once the real server has asked in its own name, or a minute is over', () => {
    expect(found(director({}, { claims: [claim] }))).toEqual([]);
    expect(found(director({ probes: mute }, { claims: [{ ...claim, lastSecondsAgo: 61 }] }))).toEqual([]);
  });

  it('a claim that cannot be told to be of the past says when it will be', () => {
    const [finding] = judge(director({ probes: mute }, { claims: [claim] }));
    expect(finding?.evidence).toEqual([
      `ARP watch on eth0: question from ${macOf(rs1)}, 3 in all, the last 2 s ago`,
      'it asked nobody while the doctor looked: if that was the last, this goes in 58 s',
    ]);
  });

  it('address-answered-by-other: a stranger, by its MAC or by what the neighbour table says', () => {
    const macs = ['02:00:0a:00:00:63'];
    expect(found(director({ answerers: [{ vip, interface: 'eth0', macs }] }))).toEqual([
      'address-answered-by-other 02:00:0a:00:00:63',
    ]);
    const neighbours = [{ address: '10.0.0.99' as Address, interface: 'eth0', mac: macs[0], state: 'STALE' }];
    expect(found(director({ answerers: [{ vip, interface: 'eth0', macs }] }, {}, { neighbours }))).toEqual([
      'address-answered-by-other 10.0.0.99',
    ]);
  });

  const hearing = {
    address: client,
    mac: macOf(client),
    vip,
    interface: 'eth0',
    own: true,
    virtual: false,
    holdsIt: false,
  };

  it('stale-neighbour: it answers this host, but not the virtual address', () => {
    expect(found(director({ hearings: [hearing] }))).toEqual([`stale-neighbour ${client}`]);
  });

  it.each([
    ['it answers both', { virtual: true }],
    ['it answers no ping at all', { own: false }],
    ['it holds the address itself', { holdsIt: true }],
  ])('not where %s', (_, more) => {
    expect(found(director({ hearings: [{ ...hearing, ...more }] }))).toEqual([]);
  });

  it('and not besides what explains it', () => {
    const answerers = [{ vip, interface: 'eth0', macs: [macOf(rs1)] }];
    expect(found(director({ answerers, hearings: [hearing] }))).toEqual([
      `address-answered-by-real-server ${rs1}`,
    ]);
  });
});

describe('of what arrives while the doctor looks', () => {
  const old = [1, 2, 3].map((port) => connection(port, 'FIN_WAIT', rs1));

  it('port-reuse: SYNs from ports whose connection is still there', () => {
    const openings = [1, 2, 3].map((port) => opening(port));
    expect(found(director({ openings }, { connections: old }))).toEqual(['port-reuse']);
  });

  it('port-reuse: or from one port again and again', () => {
    const openings = [1, 2, 3, 4].map((sequence) => opening(7, { sequence }));
    expect(found(director({ openings }))).toEqual(['port-reuse']);
  });

  it.each([
    ['a SYN that is sent again', director({ openings: [opening(7), opening(7), opening(7), opening(7)] })],
    ['fresh ports', director({ openings: [7, 8, 9, 10].map((port) => opening(port)) }, { connections: old })],
    [
      'conn_reuse_mode=3',
      director(
        { openings: [1, 2, 3].map((port) => opening(port)) },
        { connections: old, sysctls: { conn_reuse_mode: 3 } },
      ),
    ],
    [
      'one real server, which is always the same',
      director(
        { openings: [1, 2, 3].map((port) => opening(port)) },
        { connections: old, services: [{ ...service, destinations: [destination(rs1)] }] },
      ),
    ],
  ])('not with %s', (_, view) => {
    expect(found(view)).toEqual([]);
  });

  const flood = Array.from({ length: 120 }, (_, at) => connection(1000 + at, 'SYN_RECV', at % 2 ? rs1 : rs2));

  it('syn-flood: who brings most SYNs, and it explains real servers that have no room left', () => {
    const probes = rips.map((rip) => asked(rip, { virtual: 'silent' }));
    const openings = [opening(1), opening(2), opening(3, { mac: macOf(own) })];
    expect(found(director({ probes, openings }, { connections: flood }))).toEqual([
      `syn-flood ${macOf(client)}`,
    ]);
  });

  it('not where it is over, entries are thinned out, or as many are established', () => {
    const over = flood.map((entry) => ({ ...entry, expiresInSeconds: 40 }));
    expect(
      found(
        director(
          {},
          { connections: [...over, connection(9, 'FIN_WAIT', rs1), connection(9, 'FIN_WAIT', rs2)] },
        ),
      ),
    ).toEqual([]);
    const established = Array.from({ length: 60 }, (_, at) =>
      connection(5000 + at, 'ESTABLISHED', at % 2 ? rs1 : rs2),
    );
    expect(
      found(director({}, { connections: [...flood, ...established], sysctls: { drop_entry: 3 } })),
    ).toEqual([]);
    expect(found(director({}, { connections: [...flood, ...established] }))).toEqual([]);
  });

  it('too-big: packets that do not fit keep coming', () => {
    const example = { client: '10.0.0.250:1000', virtual: '10.0.0.100:80', secondsAgo: 1 };
    const refused = { too_big: { packets: 200, perSecond: 12, example } };
    const tunnel = { type: 'gre', port: 0, checksum: 'csum' } as const;
    const probes = [asked(rs1, {}, { target: { ...targetOf(), tunnel } })];
    const [finding] = judge(director({ probes }, { notForwarded: refused }));
    expect(finding).toMatchObject({ code: 'too-big', host: { address: client } });
    expect(finding?.cure.commands[0]).toContain('--set-mss 1432');
    expect(
      found(director({ probes }, { notForwarded: { too_big: { ...refused.too_big, packets: 3 } } })),
    ).toEqual([]);
  });
});
