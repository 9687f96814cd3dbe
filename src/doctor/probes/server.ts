/**
 * One real server asked as the data plane would ask it: a packet to the virtual address, sent straight to its MAC,
 * or inside its tunnel. Beside it the same to its own address, and pings of both.
 *
 * The packets come from the director's own address, so that answers come back to it: no route and no ARP for the
 * virtual address is in play. What was opened is reset again.
 */

import { type Address, familyOf } from '../../ipvs/address.ts';
import type { Protocol, Tunnel } from '../../ipvs/service.ts';
import * as build from '../frames/build.ts';
import { encapsulate } from '../frames/encapsulate.ts';
import { type Content, isReset, isSynAck } from '../frames/read.ts';
import type { Heard, Network } from './network.ts';

/** How a packet is sent: from where, and to which MAC. */
export type Way = {
  readonly interface: string;
  readonly mac: string;
  readonly nextHopMac: string;
  /** Of the director, towards the real server. */
  readonly source: Address;
  /** Another family's, for what is inside a tunnel of the other family. */
  readonly innerSource: Address;
};

export type Target = {
  readonly protocol: Protocol;
  readonly vip: Address;
  readonly rip: Address;
  /** 0: none in particular. */
  readonly virtualPort: number;
  readonly realPort: number;
  readonly tunnel: Tunnel | undefined;
  /** Whether the real server gets packets for its own address (`-m`) instead of the virtual one. */
  readonly isTranslated: boolean;
};

/**
 * What became of a packet. `bounced`: it came back as it was sent, from a host that took itself for a router.
 * `rejected`: refused by ICMP, as firewalls do.
 */
export type Fate = 'open' | 'closed' | 'rejected' | 'bounced' | 'silent';

export type Answers = {
  readonly virtual: Fate;
  readonly own: Fate;
  readonly virtualPing: boolean;
  readonly ownPing: boolean;
  /** The tunnel's packets themselves were refused: nobody takes them out there. */
  readonly tunnelRefused: boolean;
  /** An answer to an address beyond the segment was sent to the director: it is the real server's gateway. */
  readonly answersThroughUs: boolean;
  /** The last TTL or hop limit of what bounced. */
  readonly bouncedTtl: number | undefined;
};

/** Of nobody's: RFC 7600 reserves the first as a dummy address, RFC 6666 the second for packets to be discarded. */
const elsewhere = { 4: '192.0.0.8' as Address, 6: '100::8' as Address };
const attempts = 2;
const milliseconds = 400;
/** An answer to elsewhere may need ARP for the gateway first. */
const graceMilliseconds = 60;

type Kind = 'virtual' | 'own' | 'virtualPing' | 'ownPing' | 'elsewherePing';
type Sign = { readonly kind: Kind | 'tunnel'; readonly fate: Fate; readonly ttl?: number };

/** `port` is the held one; `id` a number of this probe's own, so that answers are told apart. */
export async function probeServer(
  network: Network,
  way: Way,
  target: Target,
  port: number,
  id: number,
): Promise<Answers> {
  const packets = packetsOf(way, target, port, id);
  const began = performance.now();
  const signs = await network.ask({
    interface: way.interface,
    frames: Object.values(packets),
    take: (heard) => signOf(heard, way, target, port, id),
    isEnough: (answers) => hasAll(answers, packets) && performance.now() - began > graceMilliseconds,
    attempts,
    milliseconds,
  });
  if (signs.some(({ fate }) => fate === 'open')) reset(network, way, target, port, id);
  return summary(signs);
}

/** Nobody is to answer elsewhere, so nothing waits for that. */
function hasAll(signs: readonly Sign[], packets: Partial<Record<Kind, Uint8Array>>): boolean {
  const heard = new Set(signs.map(({ kind }) => kind));
  return (Object.keys(packets) as Kind[]).every((kind) => kind === 'elsewherePing' || heard.has(kind));
}

function summary(signs: readonly Sign[]): Answers {
  const best = (kind: Kind): Fate => {
    const fates = signs.filter((sign) => sign.kind === kind).map(({ fate }) => fate);
    return (
      (['open', 'closed', 'rejected', 'bounced'] as const).find((fate) => fates.includes(fate)) ?? 'silent'
    );
  };
  return {
    virtual: best('virtual'),
    own: best('own'),
    virtualPing: best('virtualPing') === 'open',
    ownPing: best('ownPing') === 'open',
    tunnelRefused: signs.some(({ kind }) => kind === 'tunnel'),
    answersThroughUs: best('elsewherePing') === 'open',
    bouncedTtl: signs.findLast(({ fate }) => fate === 'bounced')?.ttl,
  };
}

function packetsOf(way: Way, target: Target, port: number, id: number): Partial<Record<Kind, Uint8Array>> {
  const { vip, rip, virtualPort, realPort } = target;
  const inner = { from: way.innerSource, to: vip };
  const own = { from: way.source, to: rip };
  const dress = (packet: Uint8Array): Uint8Array =>
    build.ethernet(way.mac, way.nextHopMac, target.tunnel ? encapsulate(packet, own, target.tunnel) : packet);
  const plain = (packet: Uint8Array): Uint8Array => build.ethernet(way.mac, way.nextHopMac, packet);
  const away = elsewhere[target.isTranslated ? familyOf(rip) : familyOf(vip)];
  const question = (ends: build.Ends, to: number, sequence: number): Uint8Array =>
    target.protocol === 'udp'
      ? build.udp(ends, { sourcePort: port, port: to })
      : build.tcp(ends, { sourcePort: port, port: to, flags: build.tcpFlags.syn, sequence });
  return {
    ...(!target.isTranslated && {
      ...(virtualPort !== 0 && { virtual: dress(question(inner, virtualPort, sequences(id).virtual)) }),
      virtualPing: dress(build.echo(inner, port, echoes(id).virtual)),
      elsewherePing: dress(build.echo({ from: away, to: vip }, port, echoes(id).elsewhere)),
    }),
    ...(realPort !== 0 && { own: plain(question(own, realPort, sequences(id).own)) }),
    ownPing: plain(build.echo(own, port, echoes(id).own)),
  };
}

/** Initial sequence numbers tell answers of real servers apart that all come from the same virtual address. */
function sequences(id: number): { readonly virtual: number; readonly own: number } {
  return { virtual: (0x1f00_0000 + id * 4) >>> 0, own: (0x1f00_0002 + id * 4) >>> 0 };
}

function echoes(id: number): { readonly virtual: number; readonly own: number; readonly elsewhere: number } {
  return { virtual: (id * 3) & 0xffff, own: (id * 3 + 1) & 0xffff, elsewhere: (id * 3 + 2) & 0xffff };
}

function signOf(
  { content, source }: Heard,
  way: Way,
  target: Target,
  port: number,
  id: number,
): Sign | undefined {
  switch (content.kind) {
    case 'tcp':
      return tcpSign(content, port, id);
    case 'echo':
      return echoSign(content, port, id);
    case 'unreachable':
      return refusalSign(content, source, way, target, port);
    case 'udp': {
      const isAnswer = content.port === port && source === way.nextHopMac;
      const bounced = content.sourcePort === port && source === way.nextHopMac;
      if (!isAnswer && !bounced) return undefined;
      const address = isAnswer ? content.from : content.to;
      const kind = address === target.vip ? 'virtual' : address === target.rip ? 'own' : undefined;
      return kind && { kind, fate: isAnswer ? 'open' : 'bounced', ttl: content.ttl };
    }
    case 'neighbour':
      return undefined;
  }
}

function tcpSign(content: Content & { kind: 'tcp' }, port: number, id: number): Sign | undefined {
  const numbers = sequences(id);
  const known = (sequence: number): 'virtual' | 'own' | undefined =>
    sequence === numbers.virtual ? 'virtual' : sequence === numbers.own ? 'own' : undefined;
  if (content.sourcePort === port) {
    const kind = known(content.sequence);
    return kind && { kind, fate: 'bounced', ttl: content.ttl };
  }
  const kind = content.port === port ? known((content.acknowledged - 1) >>> 0) : undefined;
  if (!kind) return undefined;
  if (isReset(content.flags)) return { kind, fate: 'closed' };
  return isSynAck(content.flags) ? { kind, fate: 'open' } : undefined;
}

function echoSign(content: Content & { kind: 'echo' }, port: number, id: number): Sign | undefined {
  if (content.id !== port || !content.isAnswer) return undefined;
  const numbers = echoes(id);
  if (content.sequence === numbers.elsewhere) return { kind: 'elsewherePing', fate: 'open' };
  if (content.sequence === numbers.own) return { kind: 'ownPing', fate: 'open' };
  return content.sequence === numbers.virtual ? { kind: 'virtualPing', fate: 'open' } : undefined;
}

/** ICMP errors quote what they refuse. Those of a tunnel quote its outer header. */
function refusalSign(
  { quoted, type, code }: Content & { kind: 'unreachable' },
  source: string,
  way: Way,
  target: Target,
  port: number,
): Sign | undefined {
  if (source !== way.nextHopMac) return undefined;
  if (target.tunnel && quoted.to === target.rip && isTunnel(quoted.protocol, quoted.port, target.tunnel))
    return { kind: 'tunnel', fate: 'rejected' };
  if (quoted.sourcePort !== port) return undefined;
  const kind = quoted.to === target.vip ? 'virtual' : quoted.to === target.rip ? 'own' : undefined;
  if (!kind) return undefined;
  const portUnreachable = quoted.protocol === build.protocols.udp && isPortUnreachable(type, code);
  return { kind, fate: portUnreachable ? 'closed' : 'rejected' };
}

function isPortUnreachable(type: number, code: number): boolean {
  return (type === 3 && code === 3) || (type === 1 && code === 4);
}

function isTunnel(protocol: number, port: number, tunnel: Tunnel): boolean {
  const { ipip, ipv6, gre, udp } = build.protocols;
  switch (tunnel.type) {
    case 'ipip':
      return protocol === ipip || protocol === ipv6;
    case 'gre':
      return protocol === gre;
    case 'gue':
      return protocol === udp && port === tunnel.port;
  }
}

/** Takes half-open connections back, so that nothing lingers on the real server. */
function reset(network: Network, way: Way, target: Target, port: number, id: number): void {
  if (target.protocol === 'udp') return;
  const { vip, rip, virtualPort, realPort, tunnel } = target;
  const numbers = sequences(id);
  const own = { from: way.source, to: rip };
  const segment = (ends: build.Ends, to: number, sequence: number): Uint8Array =>
    build.tcp(ends, {
      sourcePort: port,
      port: to,
      flags: build.tcpFlags.rst,
      sequence: (sequence + 1) >>> 0,
    });
  const virtual = segment({ from: way.innerSource, to: vip }, virtualPort, numbers.virtual);
  const packets = [
    ...(target.isTranslated ? [] : [tunnel ? encapsulate(virtual, own, tunnel) : virtual]),
    segment(own, realPort, numbers.own),
  ];
  for (const packet of packets) network.send(way.interface, build.ethernet(way.mac, way.nextHopMac, packet));
}
