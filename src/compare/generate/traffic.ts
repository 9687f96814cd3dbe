/** Random traffic: connections that begin, go on and end as connections do, and some that do not. Pure. */

import { addressOf, clientPorts, clients, farClients, router, self } from '../network.ts';
import type { Random } from '../random.ts';
import {
  type Chunk,
  type Endpoint,
  endText,
  type Header,
  isIpv6,
  type Packet,
  type Transport,
} from '../scenario.ts';
import { type Flow, type Making, pickService } from './state.ts';

export function traffic(making: Making): void {
  const count = 2 + making.random.below(12);
  for (let sent = 0; sent < count; sent += 1) one(making);
}

function one(making: Making): void {
  const { random, features, flows } = making;
  const flow = flows.length > 0 && random.chance(0.55) ? random.pick(flows) : newFlow(making);
  if (!flow || random.chance(0.03)) stray(making);
  else if (features.includes('icmp') && flow.sent > 0 && random.chance(0.1)) complain(making, flow);
  else if (features.includes('nat') && flow.sent > 0 && random.chance(0.35)) answer(making, flow);
  else proceed(making, flow);
}

function proceed(making: Making, flow: Flow): void {
  const { random, features } = making;
  const packet = next(making, flow);
  flow.sent += 1;
  const large = packet.kind === 'udp' && packet.payload > 64;
  // The Call-ID stands in the first one: Fairlead sees no further (known.ts).
  const least = flow.callId === undefined ? 1 : 16;
  const fragment =
    features.includes('fragments') && large && random.chance(0.5)
      ? 8 * (least + random.below(64))
      : undefined;
  const { dontFragment, ...divisible } = packet;
  send(making, fragment === undefined ? packet : divisible, 0, fragment);
}

function send(making: Making, packet: Packet, device = 0, fragment?: number): void {
  making.steps.push({ kind: 'send', interface: device, packet, ...(fragment ? { fragment } : {}) });
}

function newFlow(making: Making): Flow | undefined {
  const { random, flows } = making;
  const service = pickService(making);
  if (!service) return undefined;
  const client = pickClient(making, service.ipv6);
  if (!mayBegin(making, client) || service.targets.length === 0) return undefined;
  const { transport, end } = random.pick(service.targets);
  const call = service.sip && random.chance(0.9) ? { callId: random.pick(callIds) } : {};
  const flow = { service, transport, client, to: end, ...call, sent: 0, closed: false };
  flows.push(flow);
  return flow;
}

const callIds = ['a84b4c76e66710@pc33.example.org', 'a84b4c76e66710@pc34.example.org', '1@2', 'f81d4fae'];

/** A client's port that had a connection may have another only where ports are used again. */
function mayBegin({ features, flows }: Making, client: Endpoint): boolean {
  return features.includes('reuse') || !flows.some((flow) => endText(flow.client) === endText(client));
}

function pickClient({ random, slot }: Making, ipv6: boolean): Endpoint {
  const far = ipv6 ? farClients.ipv6 : farClients.ipv4;
  const address = random.chance(0.1) ? random.pick(far) : addressOf(random.pick(clients), ipv6);
  return { address, port: slot.firstClientPort + random.below(clientPorts) };
}

function next(making: Making, flow: Flow): Transport {
  const { transport, client, to, callId } = flow;
  const ends = { from: client, to, ...header(making) };
  const { random, features } = making;
  const large = features.includes('fragments') ? 0.6 : 0.2;
  switch (transport) {
    case 'tcp':
      return {
        kind: 'tcp',
        ...ends,
        flags: pickFlags(making, flow),
        payload: random.chance(0.3) ? random.below(600) : 0,
      };
    case 'udp':
      return {
        kind: 'udp',
        ...ends,
        payload: random.below(random.chance(large) ? 1200 : 64),
        ...(callId === undefined ? {} : { callId }),
      };
    case 'sctp':
      return { kind: 'sctp', ...ends, chunks: pickChunks(making, flow) };
  }
}

function pickFlags({ random, features }: Making, flow: Flow): string {
  const flags = likelyFlags(random, flow.sent);
  const again = flow.closed && flags.includes('S') && !features.includes('reuse');
  if (/[FR]/.test(flags)) flow.closed = true;
  return again ? 'A' : flags;
}

/** Mostly what a client would send now. */
function likelyFlags(random: Random, sent: number): string {
  if (random.chance(0.08)) return random.pick(['', 'SA', 'SR', 'FS', 'SF', 'FR', 'R', 'U', 'PA', 'A', 'FA']);
  if (sent === 0) return 'S';
  if (sent === 1) return random.weighted({ A: 7, S: 2, R: 1, RA: 1, FA: 1 });
  return random.weighted({ A: 4, PA: 4, FA: 4, F: 1, R: 1, RA: 1, S: 3 });
}

function pickChunks({ random }: Making, { sent }: Flow): readonly Chunk[] {
  if (sent === 0 && !random.chance(0.1)) return ['INIT'];
  if (sent === 1 && !random.chance(0.2))
    return random.chance(0.5) ? ['COOKIE-ECHO'] : ['COOKIE-ECHO', 'DATA'];
  const all = {
    DATA: 6,
    SACK: 3,
    HEARTBEAT: 1,
    SHUTDOWN: 3,
    'SHUTDOWN-ACK': 2,
    'SHUTDOWN-COMPLETE': 2,
    ABORT: 2,
  };
  const rare = { INIT: 2, 'INIT-ACK': 1, 'COOKIE-ECHO': 1, 'COOKIE-ACK': 1, ERROR: 1 };
  const first = random.weighted<Chunk>({ ...all, ...rare } as Record<Chunk, number>);
  return random.chance(0.2)
    ? [first, random.weighted<Chunk>({ ...all, ...rare } as Record<Chunk, number>)]
    : [first];
}

function header({ random, features }: Making): Header {
  const ttls = features.includes('ttl') ? [1, 1, 2, 255] : [2, 255];
  return {
    ...(random.chance(0.03) ? { ttl: random.pick(ttls) } : {}),
    ...(random.chance(0.1) ? { tos: random.pick([1, 2, 16, 184]) } : {}),
    ...(random.chance(0.2) ? { dontFragment: true } : {}),
  };
}

/** To addresses and ports that have no service, or no longer. */
function stray(making: Making): void {
  const { random, slot, features } = making;
  const address = random.pick(features.includes('ipv6') ? [...slot.ipv4, ...slot.ipv6] : slot.ipv4);
  const from = pickClient(making, isIpv6(address));
  if (!mayBegin(making, from)) return;
  const ends = { from, to: { address, port: random.pick([80, 443, 53, 7777]) } };
  send(
    making,
    random.chance(0.7)
      ? { kind: 'tcp', ...ends, flags: random.pick(['S', 'A', 'FA', 'R']), payload: 0 }
      : { kind: 'udp', ...ends, payload: random.below(32) },
  );
}

/** ICMP types and codes: errors, and an echo request that quotes like one. */
const complaints = [
  [3, 0],
  [3, 1],
  [3, 3],
  [3, 4],
  [4, 0],
  [11, 0],
  [5, 1],
  [12, 0],
  [8, 0],
] as const;
const complaints6 = [
  [1, 0],
  [1, 4],
  [2, 0],
  [3, 0],
  [4, 1],
  [128, 0],
] as const;

/** A router between the director and the client could not deliver an answer. */
function complain(making: Making, flow: Flow): void {
  const { random } = making;
  const { to, client } = flow;
  const from = random.chance(0.5) ? addressOf(router, isIpv6(to.address)) : client.address;
  const [type, code] = random.pick<readonly [number, number]>(isIpv6(to.address) ? complaints6 : complaints);
  const about = { ...next(making, flow), from: to, to: client } as Transport;
  send(making, { kind: 'icmp', from, to: to.address, type, code, about });
}

/**
 * Every real server of the service answers; the one that has the connection is among them. Not so with SIP:
 * there, what is no answer begins a connection of the real server's own.
 */
function answer(making: Making, flow: Flow): void {
  const { random } = making;
  if (flow.service.sip) return;
  for (const { host, end, method } of flow.service.servers) {
    if (method !== '-m' || host === self) continue;
    const packet = next(making, flow);
    const flags =
      packet.kind === 'tcp' ? { flags: random.weighted({ SA: 4, A: 3, PA: 3, FA: 3, R: 1 }) } : {};
    send(
      making,
      { ...packet, ...flags, from: { ...end, port: end.port || flow.to.port }, to: flow.client },
      host.interface,
    );
  }
}
