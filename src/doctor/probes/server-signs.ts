/** What a frame says about a real server that was asked. Pure. */

import type { Address } from '../../ipvs/address.ts';
import type { Tunnel } from '../../ipvs/service.ts';
import { protocols } from '../frames/build.ts';
import { type Content, isReset, isSynAck } from '../frames/read.ts';
import type { Heard } from './network.ts';
import type { Fate, Target, Way } from './server.ts';
import { echoes, type Kind, sequences } from './server-packets.ts';

export type Sign = {
  readonly kind: Kind | 'plainPing' | 'elsewherePing' | 'ipv6Ping' | 'stranger' | 'tunnel';
  readonly fate: Fate;
  readonly ttl?: number;
  readonly name?: Address;
};

/** `undefined` for a frame that is about something else. */
export function signOf(heard: Heard, way: Way, target: Target, port: number, id: number): Sign | undefined {
  const { content, source } = heard;
  switch (content.kind) {
    case 'tcp':
      return tcpSign(content, port, id);
    case 'udp':
      return source === way.nextHopMac ? udpSign(content, target, port) : undefined;
    case 'echo':
      return echoSign(content, port, id);
    case 'unreachable':
      return source === way.nextHopMac ? refusalSign(content, target, port) : undefined;
    case 'neighbour':
      return !content.isAnswer && content.target === way.stranger && content.mac === way.nextHopMac
        ? { kind: 'stranger', fate: 'open', ...(content.claimed && { name: content.claimed }) }
        : undefined;
  }
}

function tcpSign(content: Content & { kind: 'tcp' }, port: number, id: number): Sign | undefined {
  const numbers = sequences(id);
  const kindOf = (sequence: number) =>
    (['virtual', 'own'] as const).find((kind) => numbers[kind] === sequence);
  if (content.sourcePort === port) {
    const kind = kindOf(content.sequence);
    return kind && !isReset(content.flags) ? { kind, fate: 'bounced', ttl: content.ttl } : undefined;
  }
  const kind = content.port === port ? kindOf((content.acknowledged - 1) >>> 0) : undefined;
  if (!kind) return undefined;
  if (isReset(content.flags)) return { kind, fate: 'closed' };
  return isSynAck(content.flags) ? { kind, fate: 'open' } : undefined;
}

function udpSign(content: Content & { kind: 'udp' }, target: Target, port: number): Sign | undefined {
  const isAnswer = content.port === port;
  if (!isAnswer && content.sourcePort !== port) return undefined;
  const kind = kindOfAddress(isAnswer ? content.from : content.to, target);
  return kind && { kind, fate: isAnswer ? 'open' : 'bounced', ttl: content.ttl };
}

function echoSign(content: Content & { kind: 'echo' }, port: number, id: number): Sign | undefined {
  if (content.id !== port || !content.isAnswer) return undefined;
  const numbers = echoes(id);
  const kind = (['virtualPing', 'ownPing', 'elsewherePing', 'plainPing', 'ipv6Ping'] as const).find(
    (name) => numbers[name] === content.sequence,
  );
  return kind && { kind, fate: 'open' };
}

/** ICMP errors quote what they refuse. Those of a tunnel quote its outer header. */
function refusalSign(
  { quoted, type, code }: Content & { kind: 'unreachable' },
  target: Target,
  port: number,
): Sign | undefined {
  const { tunnel, rip } = target;
  if (tunnel && quoted.to === rip && isTunnel(quoted.protocol, quoted.port, tunnel))
    return { kind: 'tunnel', fate: 'rejected' };
  const kind = quoted.sourcePort === port ? kindOfAddress(quoted.to, target) : undefined;
  if (!kind) return undefined;
  const nobodyListens = quoted.protocol === protocols.udp && isPortUnreachable(type, code);
  return { kind, fate: nobodyListens ? 'closed' : 'rejected' };
}

function kindOfAddress(address: Address, { vip, rip }: Target): 'virtual' | 'own' | undefined {
  if (address === rip) return 'own';
  return address === vip ? 'virtual' : undefined;
}

function isPortUnreachable(type: number, code: number): boolean {
  return (type === 3 && code === 3) || (type === 1 && code === 4);
}

function isTunnel(protocol: number, port: number, tunnel: Tunnel): boolean {
  switch (tunnel.type) {
    case 'ipip':
      return protocol === protocols.ipip || protocol === protocols.ipv6;
    case 'gre':
      return protocol === protocols.gre;
    case 'gue':
      return protocol === protocols.udp && port === tunnel.port;
  }
}
