/** What a real server is asked with, packet by packet. Pure. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import * as build from '../frames/build.ts';
import { encapsulate } from '../frames/encapsulate.ts';
import type { Target, Way } from './server.ts';

/** What a healthy real server answers. */
export type Kind = 'virtual' | 'own' | 'virtualPing' | 'ownPing';

export type Packets = {
  readonly expected: Readonly<Partial<Record<Kind, Uint8Array>>>;
  readonly others: readonly Uint8Array[];
};

/** Of nobody's: RFC 7600 reserves the first as a dummy address, RFC 6666 the second for packets to be discarded. */
export const elsewhere = { 4: '192.0.0.8' as Address, 6: '100::8' as Address };

/** Sent to one MAC only, it asks that host whatever its addresses are (RFC 4291 section 2.7.1). */
const allNodes = 'ff02::1' as Address;

export function packetsOf(way: Way, target: Target, port: number, id: number): Packets {
  const { vip, rip, virtualPort, realPort, isTranslated, tunnel } = target;
  const { plain, dressed } = envelopes(way, target);
  const [syns, pings] = [sequences(id), echoes(id)];
  const ping = (from: Address, to: Address, sequence: number): Uint8Array =>
    build.echo({ from, to }, port, sequence);
  const question = (from: Address, to: Address, toPort: number, sequence: number): Uint8Array =>
    target.protocol === 'udp'
      ? build.udp({ from, to }, { sourcePort: port, port: toPort })
      : build.tcp({ from, to }, { sourcePort: port, port: toPort, flags: build.tcpFlags.syn, sequence });
  const expected = {
    ...(realPort !== 0 && { own: plain(question(way.source, rip, realPort, syns.own)) }),
    ownPing: plain(ping(way.source, rip, pings.ownPing)),
  };
  if (isTranslated) return { expected, others: [] };
  return {
    expected: {
      ...expected,
      ...(virtualPort !== 0 && {
        virtual: dressed(question(way.innerSource, vip, virtualPort, syns.virtual)),
      }),
      virtualPing: dressed(ping(way.innerSource, vip, pings.virtualPing)),
    },
    others: [
      dressed(ping(elsewhere[familyOf(vip)], vip, pings.elsewherePing)),
      ...(tunnel ? [plain(ping(way.innerSource, vip, pings.plainPing))] : []),
      ...(way.linkLocal ? [plain(ping(way.linkLocal, allNodes, pings.ipv6Ping))] : []),
      ...(way.stranger ? [plain(ping(way.stranger, vip, pings.stranger))] : []),
      ...extrasOf(way, target).map((extra) => plain(opening(way, target, extra, build.tcpFlags.syn))),
    ],
  };
}

/** Takes back what packets of `packetsOf` may have opened, so that nothing lingers on the real server. */
export function resetsOf(way: Way, target: Target, port: number, id: number): readonly Uint8Array[] {
  const { vip, rip, virtualPort, realPort, isTranslated } = target;
  if (target.protocol === 'udp') return [];
  const { plain, dressed } = envelopes(way, target);
  const syns = sequences(id);
  const reset = (from: Address, to: Address, toPort: number, opened: number): Uint8Array =>
    build.tcp(
      { from, to },
      { sourcePort: port, port: toPort, flags: build.tcpFlags.rst, sequence: (opened + 1) >>> 0 },
    );
  return [
    plain(reset(way.source, rip, realPort, syns.own)),
    ...(isTranslated ? [] : [dressed(reset(way.innerSource, vip, virtualPort, syns.virtual))]),
    ...extrasOf(way, target).map((extra) => plain(opening(way, target, extra, build.tcpFlags.rst))),
  ];
}

/** A frame around a packet as it is, and as the data plane sends it. */
function envelopes(way: Way, { rip, tunnel }: Target) {
  const plain = (packet: Uint8Array): Uint8Array => build.ethernet(way.mac, way.nextHopMac, packet);
  const dressed = (packet: Uint8Array): Uint8Array =>
    plain(tunnel ? encapsulate(packet, { from: way.source, to: rip }, tunnel) : packet);
  return { plain, dressed };
}

/** Only direct routing brings a packet to another director as it was. */
function extrasOf(way: Way, { virtualPort, tunnel, protocol }: Target): readonly number[] {
  return virtualPort !== 0 && tunnel === undefined && protocol === 'tcp' ? way.extraPorts : [];
}

/** The first packet of a connection that is not meant to come about, or its end. */
function opening(way: Way, { vip, virtualPort }: Target, sourcePort: number, flags: number): Uint8Array {
  const sequence = flags === build.tcpFlags.rst ? 1 : 0;
  return build.tcp({ from: way.innerSource, to: vip }, { sourcePort, port: virtualPort, flags, sequence });
}

/** Initial sequence numbers tell answers of real servers apart that all come from the same virtual address. */
export function sequences(id: number) {
  const first = (0x1f00_0000 + id * 4) >>> 0;
  return { virtual: first, own: first + 1 } as const;
}

export function echoes(id: number) {
  const number = (at: number): number => (id * 6 + at) & 0xffff;
  return {
    ...{ virtualPing: number(0), ownPing: number(1), elsewherePing: number(2), plainPing: number(3) },
    stranger: number(4),
    ipv6Ping: number(5),
  } as const;
}
