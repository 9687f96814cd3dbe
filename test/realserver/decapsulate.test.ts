/** What the decapsulator takes out of its tunnel, what it leaves as it came, and what it counts. */

import { writeFileSync } from 'node:fs';
import { describe, expect, onTestFinished } from 'vitest';
import { ETHERNET_HEADER } from '../support/frame/build.ts';
import { tagged, tcp, truncated, udp } from '../support/packet.ts';
import { vip, vip6 } from '../support/world.ts';
import { type RealServer, test } from './bench.ts';
import { type Tunnel, tunnelled } from './tunnel.ts';

const over4 = { from: '10.0.0.1', to: '10.0.0.2' } as const;
const over6 = { from: 'fd00::1', to: 'fd00::2' } as const;
const inner4 = tcp({ from: '10.0.0.200:40001', to: `${vip}:80`, flags: 'S', payload: 9 });
const inner6 = tcp({ from: '[fd00::c8]:40001', to: `[${vip6}]:80`, flags: 'S', payload: 9 });

const packetIn = (frame: Uint8Array): Uint8Array => frame.slice(ETHERNET_HEADER);

/** It comes out of the tunnel as `inner`, and is counted as its kind. */
function comesOut(server: RealServer, frame: Uint8Array, inner: Uint8Array, kind: Tunnel['kind']): void {
  const { fate, packet } = server.receive(frame);
  expect({ fate, packet: packetIn(packet) }).toEqual({ fate: 'stack', packet: packetIn(inner) });
  expect(server.counted()).toEqual({ [kind]: 1 });
}

/** It goes to the stack as it came; `counted` says as what, if at all. */
function isLeft(
  server: RealServer,
  frame: Uint8Array,
  counted: ReturnType<RealServer['counted']> = {},
): void {
  const { fate, packet } = server.receive(frame);
  expect({ fate, packet: packetIn(packet) }).toEqual({ fate: 'stack', packet: packetIn(frame) });
  expect(server.counted()).toEqual(counted);
}

describe('out of its tunnel comes a packet', () => {
  const kinds = [
    ['ipip', { kind: 'ipip' }],
    ['gue', { kind: 'gue' }],
    ['gue with padding behind its header', { kind: 'gue', words: 31 }],
    ['gre', { kind: 'gre' }],
    ['gre with a checksum', { kind: 'gre', flags: 0x8000 }],
  ] as const;
  const families = [
    ['IPv4 in IPv4', over4, inner4],
    ['IPv6 in IPv4', over4, inner6],
    ['IPv4 in IPv6', over6, inner4],
    ['IPv6 in IPv6', over6, inner6],
  ] as const;
  const cases = kinds.flatMap(([kind, how]) =>
    families.map(([family, ends, inner]) => [`${kind}, ${family}`, { ...how, ...ends }, inner] as const),
  );
  test.for(cases)('by %s', ([, tunnel, inner], { server }) => {
    comesOut(server, tunnelled(inner, tunnel), inner, tunnel.kind);
  });

  test('behind IPv4 options', ({ server }) => {
    comesOut(server, tunnelled(inner4, { kind: 'ipip', ...over4, options: 40 }), inner4, 'ipip');
  });

  test('behind an IPv6 fragment header without other fragments (RFC 6946)', ({ server }) => {
    comesOut(server, tunnelled(inner6, { kind: 'ipip', ...over6, fragment: 0 }), inner6, 'ipip');
  });

  test('that is a fragment itself', ({ server }) => {
    const fragment = udp({ from: '10.0.0.200:4', to: `${vip}:5`, fragment: 0x2000, payload: 800 });
    comesOut(server, tunnelled(fragment, { kind: 'gue', ...over4 }), fragment, 'gue');
  });
});

describe('as it came is left', () => {
  const other = tcp({ from: '10.0.0.200:40001', to: '10.0.0.101:80', flags: 'S' });
  const badly = { kind: 'gre', ...over4 } as const;
  test.for([
    ["a client's packet without a tunnel", inner4],
    ['what is for no virtual address', tunnelled(other, { kind: 'ipip', ...over4 })],
    ['UDP to another port', tunnelled(inner4, { kind: 'gue', ...over4, port: 6081 })],
    ['a GUE control message', tunnelled(inner4, { kind: 'gue', ...over4, version: 0x20 })],
    ['GUE of another version', tunnelled(inner4, { kind: 'gue', ...over4, version: 0x40 })],
    ['GRE of another version', tunnelled(inner4, { ...badly, flags: 1 })],
    ['a fragment behind the first', tunnelled(inner4, { kind: 'ipip', ...over4, fragment: 0x2010 })],
    ['the same in IPv6', tunnelled(inner4, { kind: 'ipip', ...over6, fragment: 0x81 })],
    ['a tagged frame', tagged(tunnelled(inner4, { kind: 'ipip', ...over4 }), 7)],
    [
      'a packet that ends within the inner header',
      truncated(tunnelled(inner4, { kind: 'ipip', ...over4 }), 36),
    ],
  ] as const)('%s', ([, frame], { server }) => isLeft(server, frame));

  test.for([
    ['the first fragment of a tunnel packet', 'fragment', { kind: 'ipip', ...over4, fragment: 0x2000 }],
    ['the same in IPv6', 'fragment', { kind: 'gue', ...over6, fragment: 1 }],
    ['GUE with flags', 'options', { kind: 'gue', ...over4, words: 1, flags: 1 }],
    ['GRE with a key', 'options', { ...badly, flags: 0x2000 }],
    ['GRE with sequence numbers', 'options', { ...badly, flags: 0x9000 }],
  ] as const)('%s, and counted', ([, counter, tunnel], { server }) => {
    isLeft(server, tunnelled(inner4, tunnel), { [counter]: 1 });
  });

  test('what says it is longer than it is, and counted', ({ server }) => {
    isLeft(server, truncated(tunnelled(inner4, { kind: 'ipip', ...over4 }), 64), { malformed: 1 });
  });
});

describe('congestion experienced on the way', () => {
  test.for([
    ['IPv4', inner4, over6],
    ['IPv6', inner6, over4],
  ] as const)('is told inside, if the sender knows ECN: %s', ([, , ends], { server }) => {
    for (const ecn of [1, 2, 3]) {
      const inside = (tos: number) =>
        ends === over6
          ? tcp({ from: '10.0.0.200:40001', to: `${vip}:80`, flags: 'S', tos })
          : tcp({ from: '[fd00::c8]:40001', to: `[${vip6}]:80`, flags: 'S', tos });
      const { packet } = server.receive(tunnelled(inside(0xb8 | ecn), { kind: 'ipip', ...ends, tos: 3 }));
      expect(packetIn(packet)).toEqual(packetIn(inside(0xbb)));
    }
  });

  test('is a reason to drop what cannot be told so (RFC 6040)', ({ server }) => {
    expect(server.receive(tunnelled(inner4, { kind: 'gue', ...over4, tos: 3 })).fate).toBe('dropped');
    expect(server.counted()).toEqual({ congestion: 1 });
  });
});

describe('a real server that is also a router', () => {
  test('takes out what is for its own address, and passes on what is for others', ({ server }) => {
    const forwarding = (value: '0' | '1'): void =>
      server.inside(() => {
        for (const path of ['ipv4/conf/eth0', 'ipv6/conf/eth0'])
          writeFileSync(`/proc/sys/net/${path}/forwarding`, value);
      });
    forwarding('1');
    onTestFinished(() => forwarding('0')); // the bench is that of other files, too
    for (const [own, others] of [
      [over4, { from: '10.0.0.1', to: '10.1.0.27' }],
      [over6, { from: 'fd00::1', to: 'fd01::1b' }],
    ] as const) {
      server.begin();
      isLeft(server, tunnelled(inner4, { kind: 'ipip', ...others }));
      comesOut(server, tunnelled(inner4, { kind: 'ipip', ...own }), inner4, 'ipip');
    }
  });
});
